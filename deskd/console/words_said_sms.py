"""What is said of text messages, as in words_said: English → Simplified, Traditional."""

SMS_SAID: dict[str, tuple[str, str]] = {
    # how far a sender is proved, and why no acknowledgement went
    "Twilio gave the number as the sender's; a text proves no more than that.": (
        "号码由 Twilio 作为发件人提供；短信最多只能证明这一点。",
        "號碼由 Twilio 作為寄件人提供；簡訊最多只能證明這一點。",
    ),
    "The sender is no phone number; anybody may bear such a name.": (
        "发件人不是电话号码；这样的名称谁都可以使用。",
        "寄件人不是電話號碼；這樣的名稱誰都可以使用。",
    ),
    "A text goes to a phone number only, and the sender is none.": (
        "短信只能发往电话号码，而发件人不是电话号码。",
        "簡訊只能傳到電話號碼，而寄件人不是電話號碼。",
    ),
    "The word that they sent stops all texts of ours to them.": (
        "对方发来的词会使其不再收到我们的任何短信。",
        "對方傳來的詞會使其不再收到我們的任何簡訊。",
    ),
    "Networks of mainland China take only texts that are registered with them; answer by mail or chat, or call.": (
        "中国大陆的运营商只接收已报备的短信；请通过邮件或在线聊天答复，或致电。",
        "中國大陸的電信業者只接收已報備的簡訊；請以郵件或線上聊天回覆，或致電。",
    ),
    # why one did not leave, or came back
    "A text goes to a phone number only, and this is none.": (
        "短信只能发往电话号码，而这不是电话号码。",
        "簡訊只能傳到電話號碼，而這不是電話號碼。",
    ),
    "A text carries no files. Send them by mail.": ("短信不能带文件，请用邮件发送。", "簡訊不能附檔案，請用郵件傳送。"),
    "Twilio took it and named no message.": (
        "Twilio 已接收，但没有给出消息编号。",
        "Twilio 已接收，但沒有提供訊息編號。",
    ),
    "the number is not valid": ("号码无效", "號碼無效"),
    "the number cannot be reached": ("无法发送到该号码", "無法傳送到該號碼"),
    "texts to that country are switched off in our account at Twilio": (
        "我们的 Twilio 账号未开通发往该国家或地区的短信",
        "我們的 Twilio 帳號未開通傳往該國家或地區的簡訊",
    ),
    "the customer has opted out (STOP), and must text START before anything of ours arrives": (
        "客户已拒收短信（STOP），须先发送 START 才能收到",
        "客戶已拒收簡訊（STOP），須先傳送 START 才能收到",
    ),
    "there is no way from our number to this one": ("我们的号码无法发送到该号码", "我們的號碼無法傳送到該號碼"),
    "the number takes no texts; it may be a landline": (
        "该号码不能接收短信，可能是固定电话",
        "該號碼無法接收簡訊，可能是市話",
    ),
    "the text is longer than 1,600 characters": ("短信超过 1600 个字符", "簡訊超過 1600 個字元"),
    "the phone was off or out of reach": ("手机关机或不在服务区", "手機關機或不在服務範圍"),
    "the customer or the network blocks it; they may have texted STOP": (
        "被客户或运营商拦截；客户可能发送过 STOP",
        "遭客戶或電信業者封鎖；客戶可能傳送過 STOP",
    ),
    "nobody has this number": ("该号码不存在", "該號碼不存在"),
    "it is a landline, or the network takes no texts": (
        "该号码是固定电话，或其运营商不接收短信",
        "該號碼是市話，或其電信業者不接收簡訊",
    ),
    "a network filtered it out as unwanted": ("被运营商作为垃圾短信过滤", "遭電信業者視為垃圾簡訊過濾"),
    "the network gives no reason": ("运营商未说明原因", "電信業者未說明原因"),
    "it costs more than the limit that is set for it": ("费用超过设定的上限", "費用超過設定的上限"),
    "our toll-free number is not verified; somebody must do that at Twilio": (
        "我们的免费号码尚未验证，须有人在 Twilio 办理",
        "我們的免付費號碼尚未驗證，須有人在 Twilio 辦理",
    ),
    "our number is not registered for texts to the United States (A2P 10DLC)": (
        "我们的号码尚未登记向美国发送短信（A2P 10DLC）",
        "我們的號碼尚未登記向美國傳送簡訊（A2P 10DLC）",
    ),
    "it could not leave in time, and was dropped": ("未能及时发出，已被丢弃", "未能及時送出，已被捨棄"),
    "the network did not answer in time": ("运营商未及时应答", "電信業者未及時回應"),
    "the day's limit of our account is reached": ("我们的账号已达当日上限", "我們的帳號已達當日上限"),
    "too many requests at once": ("同时请求过多", "同時請求過多"),
    "the queue of our number is full": ("我们号码的队列已满", "我們號碼的佇列已滿"),
    "the queue is full": ("队列已满", "佇列已滿"),
    "it does not take our credentials": ("不接受我们的凭据", "不接受我們的憑證"),
    "our account there is not active": ("我们在那里的账号未启用", "我們在那裡的帳號未啟用"),
    "our credentials may not do this": ("我们的凭据无权执行此操作", "我們的憑證無權執行此操作"),
    "it does not know our account": ("找不到我们的账号", "找不到我們的帳號"),
    "our account there is suspended": ("我们在那里的账号已被停用", "我們在那裡的帳號已遭停用"),
    "it does not let us do this": ("不允许我们这样做", "不允許我們這樣做"),
    "our number is not valid there": ("我们的号码在那里无效", "我們的號碼在那裡無效"),
    "it misses our number": ("缺少我们的号码", "缺少我們的號碼"),
    "our number is not ours there, or sends no texts": (
        "我们的号码在那里不属于我们，或不能发短信",
        "我們的號碼在那裡不屬於我們，或無法傳簡訊",
    ),
    "our number belongs to another account": ("我们的号码属于另一个账号", "我們的號碼屬於另一個帳號"),
    "the Messaging Service is not there": ("Messaging Service 不存在", "Messaging Service 不存在"),
    "the Messaging Service has no number": ("Messaging Service 中没有号码", "Messaging Service 中沒有號碼"),
    "our number is not in the Messaging Service": (
        "我们的号码不在 Messaging Service 中",
        "我們的號碼不在 Messaging Service 中",
    ),
}
SMS_PATTERNS: dict[str, tuple[str, str]] = {
    "Twilio refused it ({code}): {said}.": ("Twilio 拒收（{code}）：{said}。", "Twilio 拒收（{code}）：{said}。"),
    "Twilio refused it ({code}).": ("Twilio 拒收（{code}）。", "Twilio 拒收（{code}）。"),
    "Twilio refuses us ({code}): {said}.": (
        "Twilio 拒绝我们的请求（{code}）：{said}。",
        "Twilio 拒絕我們的要求（{code}）：{said}。",
    ),
    "Twilio does not take it now ({code}): {said}.": (
        "Twilio 暂不接收（{code}）：{said}。",
        "Twilio 暫不接收（{code}）：{said}。",
    ),
}
