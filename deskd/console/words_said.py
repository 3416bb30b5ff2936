"""Sentences that the desk wrote down or refuses with, as Chinese readers have them: English → Simplified, Traditional.

Rows keep one sentence, in English, because it is a record. SAID holds whole sentences, PATTERNS those with names in
them; what is in neither (a provider's own words) is shown as it stands.
"""

from deskd.console.words_said_sms import SMS_PATTERNS, SMS_SAID

SAID: dict[str, tuple[str, str]] = {
    **SMS_SAID,
    # how far a sender is proved, and why no acknowledgement went
    "The address was typed into the form; nothing proves that it is the sender's.": (
        "地址是在表单中填写的，无法证明属于发件人。",
        "地址是在表單中填寫的，無法證明屬於寄件人。",
    ),
    "Whoever writes in this chat has the browser in which it began; nothing else is proved.": (
        "在此对话中发言的人持有最初开始对话的浏览器，除此之外无法证明任何事。",
        "在此對話中發言的人持有最初開始對話的瀏覽器，除此之外無法證明任何事。",
    ),
    "Shown in the chat.": ("已显示在对话中。", "已顯示在對話中。"),
    "Say what you need it for: the reason is kept with the ticket.": (
        "请说明需要查看的原因，原因会保存在工单中。",
        "請說明需要查看的原因，原因會保存在工單中。",
    ),
    "Telegram says that this Telegram account wrote it; whose account with us that is, it does not show.": (
        "Telegram 证明由这个 Telegram 账号发出；它对应我们的哪位客户，无法由此得知。",
        "Telegram 證明由這個 Telegram 帳號發出；它對應我們的哪位客戶，無法由此得知。",
    ),
    "It was written by means of another bot.": ("经由另一个机器人发出。", "經由另一個機器人發出。"),
    "Telegram's update does not say who wrote.": ("Telegram 的更新没有说明发送者。", "Telegram 的更新沒有說明發送者。"),
    "Telegram's update could not be read; what came stands in the text.": (
        "Telegram 的更新无法解读，正文中是收到的原文。",
        "Telegram 的更新無法解讀，內文中是收到的原文。",
    ),
    "Its files are still with Telegram and have not been fetched.": (
        "其中的文件仍在 Telegram，尚未取回。",
        "其中的檔案仍在 Telegram，尚未取回。",
    ),
    "The shared number is the sender's own by Telegram's word; nobody has checked it.": (
        "Telegram 称分享的号码属于发送者本人，但无人核实。",
        "Telegram 稱分享的號碼屬於發送者本人，但無人查證。",
    ),
    "The shared number is another person's card.": ("分享的是他人的名片。", "分享的是他人的名片。"),
    "A number that begins with +888 is sold by Telegram and is no telephone.": (
        "以 +888 开头的号码由 Telegram 出售，不是电话号码。",
        "以 +888 開頭的號碼由 Telegram 出售，不是電話號碼。",
    ),
    # what became of an answer on Telegram
    "The customer has blocked the bot: nothing reaches them on Telegram.": (
        "客户已屏蔽机器人：Telegram 上的消息无法送达。",
        "客戶已封鎖機器人：Telegram 上的訊息無法送達。",
    ),
    "The customer's Telegram account has been deleted.": (
        "客户的 Telegram 账号已注销。",
        "客戶的 Telegram 帳號已刪除。",
    ),
    "The customer has not started the bot, which may not write first.": (
        "客户没有启动机器人，机器人不能先发消息。",
        "客戶沒有啟動機器人，機器人不能先傳訊息。",
    ),
    "Telegram knows no such chat of this bot.": ("Telegram 中没有这个会话。", "Telegram 中沒有這個對話。"),
    "Telegram takes no message that long.": ("消息过长，Telegram 不接受。", "訊息過長，Telegram 不接受。"),
    "Telegram takes no empty message.": ("Telegram 不接受空消息。", "Telegram 不接受空訊息。"),
    "The address is no private chat on Telegram.": ("该地址不是 Telegram 私聊。", "該地址不是 Telegram 私人對話。"),
    "Telegram answers carry no files; send the words alone.": (
        "Telegram 答复不能附文件，请只发文字。",
        "Telegram 回覆不能附檔案，請只傳文字。",
    ),
    "Telegram wants this bot to be silent for a while (429).": (
        "Telegram 要求机器人暂停发送（429）。",
        "Telegram 要求機器人暫停傳送（429）。",
    ),
    "Telegram took it.": ("Telegram 已接收。", "Telegram 已接收。"),
    # why a ticket is kept as spam
    "Our mail server marked it as spam.": ("我们的邮件服务器把它标为垃圾。", "我們的郵件伺服器把它標為垃圾。"),
    "The sender is blocked.": ("发件人已被屏蔽。", "寄件人已被封鎖。"),
    "Looks like advertising, from nobody we know.": ("疑似广告，且非已知客户。", "疑似廣告，且非已知客戶。"),
    "The page they saw was the acknowledgement.": ("对方看到的页面就是确认。", "對方看到的頁面就是確認。"),
    "A person made the ticket by hand.": ("工单由人手工建立。", "工單由人手動建立。"),
    "Our mail server proved the sender's domain (DMARC).": (
        "我们的邮件服务器证实了发件人的域名（DMARC）。",
        "我們的郵件伺服器證實了寄件人的網域（DMARC）。",
    ),
    "The header holds a bare line break, so no result in it is believed.": (
        "邮件头含有孤立的换行，其中的结果一概不采信。",
        "郵件標頭含有孤立的換行，其中的結果一概不採信。",
    ),
    "There is not exactly one sender, so nobody is proved.": (
        "发件人不是恰好一个，因此谁也未被证实。",
        "寄件人並非恰好一個，因此誰也未被證實。",
    ),
    "The mail did not come from our own mail server, which alone checks senders.": (
        "邮件不是由我们自己的邮件服务器转来的，只有它会核验发件人。",
        "郵件不是由我們自己的郵件伺服器轉來的，只有它會核驗寄件人。",
    ),
    "The mail was fetched from a mailbox, and the settings do not say whose check of senders to believe there.": (
        "邮件取自邮箱，而设置中未写明那里应采信谁的发件人核验结果。",
        "郵件取自信箱，而設定中未寫明那裡應採信誰的寄件人核驗結果。",
    ),
    "It lay in the mailbox before deskd fetched from it.": (
        "在 deskd 开始收取之前，它已在邮箱中。",
        "在 deskd 開始收取之前，它已在信箱中。",
    ),
    "Our mail server wrote no check of the sender.": (
        "我们的邮件服务器没有写入发件人核验结果。",
        "我們的郵件伺服器沒有寫入寄件人核驗結果。",
    ),
    "The topmost check of the sender is not our mail server's own.": (
        "最上面的核验结果不是我们的邮件服务器写的。",
        "最上面的核驗結果不是我們的郵件伺服器寫的。",
    ),
    "Our mail server could not prove the sender's domain (no DMARC pass).": (
        "我们的邮件服务器未能证实发件人的域名（DMARC 未通过）。",
        "我們的郵件伺服器未能證實寄件人的網域（DMARC 未通過）。",
    ),
    "What our mail server proved is another domain than the sender's.": (
        "我们的邮件服务器证实的域名与发件人的不同。",
        "我們的郵件伺服器證實的網域與寄件人的不同。",
    ),
    "It comes from one of our own addresses.": ("来自我们自己的地址。", "來自我們自己的地址。"),
    "It is a mail server's report that a mail did not arrive.": (
        "这是邮件服务器的退信通知。",
        "這是郵件伺服器的退信通知。",
    ),
    "It is a mail provider's report of a complaint.": ("这是邮件服务商的投诉报告。", "這是郵件服務商的申訴報告。"),
    "A program sent it.": ("由程序发送。", "由程式寄出。"),
    "Nobody reads what is sent to its sender's address.": (
        "发往该地址的邮件没有人看。",
        "寄往該地址的郵件沒有人看。",
    ),
    "It came through a mailing list.": ("经由邮件列表转来。", "經由郵件論壇轉來。"),
    "It asks for no automatic answer.": ("邮件要求不要自动回复。", "郵件要求不要自動回覆。"),
    "The sender is not proved, and an acknowledgement could reach somebody who never wrote.": (
        "发件人未经证实，确认信可能会寄给从未来信的人。",
        "寄件人未經證實，確認信可能會寄給從未來信的人。",
    ),
    "Enough automatic mails went there within an hour; a person's answer will be the next.": (
        "一小时内已向该地址发出足够多的自动邮件，下一封将由人答复。",
        "一小時內已向該地址寄出足夠多的自動郵件，下一封將由人回覆。",
    ),
    "The receipt is not the JSON that a form writes.": ("来件不是表单写入的 JSON。", "來件不是表單寫入的 JSON。"),
    "An attachment could not be read.": ("有一个附件无法读取。", "有一個附件無法讀取。"),
    "boundary missing or wrong, guessed": ("邮件分界缺失或有误，按推测读取", "郵件分界缺漏或有誤，依推測讀取"),
    "no blank line between header and body": ("邮件头和正文之间没有空行", "郵件標頭和內文之間沒有空行"),
    "a line in the header is no field": ("邮件头中有一行不是字段", "郵件標頭中有一行不是欄位"),
    # what the ledger of a clock says
    "The rules chose another policy after a new message.": (
        "收到新消息后，规则选择了另一时限政策。",
        "收到新訊息後，規則選擇了另一時限政策。",
    ),
    "The customer wrote again.": ("客户又写了。", "客戶又來信。"),
    "It only thanks: no answer is needed.": ("只是表示感谢，无需答复。", "只是表示感謝，無需回覆。"),
    "The first response is owed still.": ("首次响应尚未完成。", "首次回應尚未完成。"),
    "It was refused and has not reached the customer.": ("被拒收，客户没有收到。", "遭拒收，客戶沒有收到。"),
    "This link is not valid, or not any more. Take the ticket in the console.": (
        "链接无效或已失效。请在控制台中接手工单。",
        "連結無效或已失效。請在主控台中接手工單。",
    ),
    "The ticket waits for nobody any more.": ("这个工单已不再需要处理。", "這張工單已不需要處理。"),
    "A colleague has taken it already.": ("已有同事接手。", "已有同事接手。"),
    "It is no spam.": ("不是垃圾。", "不是垃圾。"),
    "The ticket was closed.": ("工单已关闭。", "工單已關閉。"),
    "The provider accepted a person's answer.": ("人工答复已被接收。", "人工回覆已被接收。"),
    "It was met before the deadline, as was learnt afterwards.": (
        "事后得知，在时限之前已达成。",
        "事後得知，在時限之前已達成。",
    ),
    "The provider accepted the answer that resolves it.": (
        "服务商已接收解决此事的答复。",
        "服務商已接收解決此事的回覆。",
    ),
    "The customer has heard back.": ("客户已收到回音。", "客戶已收到回音。"),
    "The answer came back.": ("答复被退回。", "回覆被退回。"),
    "The customer cannot be reached.": ("无法联系到客户。", "無法聯絡到客戶。"),
    "It is no feedback.": ("这不是反馈。", "這不是意見。"),
    "It is feedback after all.": ("这确实是反馈。", "這確實是意見。"),
    "This feedback is owed an answer. Reply to the customer, or decline with a reason; "
    "the ticket is resolved by itself when that has arrived.": (
        "这条反馈需要答复。请回复客户，或说明原因后谢绝；送达后工单会自动解决。",
        "這則意見需要回覆。請回覆客戶，或說明原因後婉拒；送達後案件會自動解決。",
    ),
    "It is resolved by itself as soon as the answer has arrived.": (
        "答复送达后会自动解决。",
        "回覆送達後會自動解決。",
    ),
    "Only feedback that is owed an answer is declined.": (
        "只有待答复的反馈才能谢绝。",
        "只有待回覆的意見才能婉拒。",
    ),
    "Only a supervisor says that a customer cannot be reached.": (
        "只有主管才能认定无法联系到客户。",
        "只有主管才能認定無法聯絡到客戶。",
    ),
    "No answer is owed here.": ("这里没有待答复的反馈。", "這裡沒有待回覆的意見。"),
    "Say what was tried: it stays with the ticket.": (
        "请写明尝试过什么，记录会留在工单里。",
        "請寫明嘗試過什麼，記錄會留在案件裡。",
    ),
    "Marked as spam.": ("标为垃圾。", "標為垃圾。"),
    # why something is parked or not known
    "It ended the process three times.": ("它三次使处理进程中断。", "它三次使處理程序中斷。"),
    "The worker that held it is gone; the provider says that it has it.": (
        "处理它的进程已退出；服务商表示已收到。",
        "處理它的程序已結束；服務商表示已收到。",
    ),
    "The worker that held it is gone; it had not left.": (
        "负责发送的进程已消失，消息尚未发出。",
        "負責寄送的程序已消失，訊息尚未寄出。",
    ),
    "The worker that held it is gone; it may have left. It is not sent again by itself.": (
        "负责发送的进程已消失，消息可能已发出，不会自动重发。",
        "負責寄送的程序已消失，訊息可能已寄出，不會自動重寄。",
    ),
    "We stopped before the provider had answered.": (
        "在对方答复之前，我们的程序停止了。",
        "在對方回覆之前，我們的程式停止了。",
    ),
    "The provider did not answer in time.": ("对方没有及时答复。", "對方沒有及時回覆。"),
    "The address is none that mail can be sent to.": ("这个地址无法接收邮件。", "這個地址無法接收郵件。"),
    "The mail server takes no such address (SMTPUTF8).": (
        "邮件服务器不接受这种地址（SMTPUTF8）。",
        "郵件伺服器不接受這種地址（SMTPUTF8）。",
    ),
    # why it came back
    "the address does not exist or cannot be used": ("地址不存在或无法使用", "地址不存在或無法使用"),
    "the mailbox is full, closed or takes no such mail": (
        "邮箱已满、已关闭或不收这类邮件",
        "信箱已滿、已關閉或不收這類郵件",
    ),
    "the mail system there does not take it": ("对方的邮件系统不接收", "對方的郵件系統不接收"),
    "no way to the mail system there was found in time": (
        "未能及时连上对方的邮件系统",
        "未能及時連上對方的郵件系統",
    ),
    "the mail systems did not understand each other": ("双方的邮件系统无法对接", "雙方的郵件系統無法對接"),
    "the contents could not be conveyed": ("内容无法传送", "內容無法傳送"),
    "a policy there does not let it in": ("对方的规定不允许接收", "對方的規定不允許接收"),
    "no reason that we know is given": ("对方没有给出已知的原因", "對方沒有給出已知的原因"),
    # what is refused
    "The answer is empty. Write what the customer is to read.": (
        "答复是空的，请写下要给客户看的内容。",
        "回覆是空的，請寫下要給客戶看的內容。",
    ),
    "The note is empty.": ("备注是空的。", "備註是空的。"),
    "The ticket is closed for good. Open a new one for this customer.": (
        "工单已最终关闭，请为该客户新建工单。",
        "工單已最終關閉，請為這位客戶建立新工單。",
    ),
    "The customer wrote again after what you read; read it first.": (
        "客户在您读过之后又写了，请先阅读。",
        "客戶在您讀過之後又來信，請先閱讀。",
    ),
    "The customer left no address to write to: no answer can be sent.": (
        "客户没有留下联系地址，无法发出答复。",
        "客戶沒有留下聯絡地址，無法寄出回覆。",
    ),
    "This answer is not sent: it holds a card number, code, password or key. Take it out of the text.": (
        "这份答复没有发出：里面有卡号、验证码、密码或密钥，请从文字中去掉。",
        "這份回覆沒有寄出：內含卡號、驗證碼、密碼或金鑰，請從文字中移除。",
    ),
    "A gap is left in this answer. Fill in each […], or take it out.": (
        "这份答复里还有空缺。请填写每个 […]，或者删去。",
        "這份回覆還有空缺。請填寫每個 […]，或者刪去。",
    ),
    "There is no such delivery.": ("没有这条发送记录。", "沒有這筆寄送紀錄。"),
    "There is no such text for this ticket.": ("这个工单没有这段现成文字。", "這張工單沒有這段現成文字。"),
    "No free code was found. Load the page again.": (
        "没有找到空闲的编号，请重新打开页面。",
        "找不到可用的編號，請重新開啟頁面。",
    ),
    "Nobody holds this customer.": ("没有人领取该客户。", "沒有人領取這位客戶。"),
    "It is marked so already.": ("已经是这个标记。", "已經是這個標記。"),
    "Somebody else changed this first; look at it again.": (
        "别人刚刚改动过，请重新查看。",
        "別人剛剛改動過，請重新查看。",
    ),
    "Somebody else decided this first; look at it again.": (
        "别人刚刚作了决定，请重新查看。",
        "別人剛剛作了決定，請重新查看。",
    ),
    "Say what it is to be, and why: the rules are improved by it.": (
        "请说明改成什么以及原因，规则会据此改进。",
        "請說明改成什麼以及原因，規則會據此改進。",
    ),
    "Say why it needs no ticket: the reason is kept with the receipt.": (
        "请说明为何不需要工单，原因会与来件一起保存。",
        "請說明為何不需要工單，原因會與來件一起保存。",
    ),
    "Say why: the reason is kept with the delivery.": (
        "请说明依据，它会与这次发送一起保存。",
        "請說明依據，它會與這次寄送一起保存。",
    ),
    "That receipt is not parked any more; somebody else was faster.": (
        "这个来件已不在搁置中，别人先处理了。",
        "這件來件已不在擱置中，別人先處理了。",
    ),
    "A ticket made by hand needs the matter and a reason.": (
        "手工建立工单需要写明事由和原因。",
        "手動建立工單需要寫明事由和原因。",
    ),
    "Give the mail address or the phone number that the customer named.": (
        "请填写客户提供的邮箱或电话号码。",
        "請填寫客戶提供的信箱或電話號碼。",
    ),
}

PATTERNS: dict[str, tuple[str, str]] = {
    'There is no active agent "{name}". `deskd agents list` shows who there is.': (
        "没有名为“{name}”的在岗客服。用 `deskd agents list` 查看。",
        "沒有名為「{name}」的在職客服。用 `deskd agents list` 查看。",
    ),
    "Say with --scope what the token is for: {scopes}.": (
        "请用 --scope 说明令牌的用途：{scopes}。",
        "請用 --scope 說明權杖的用途：{scopes}。",
    ),
    "A token lives 1 to {days} days.": ("令牌有效期为 1 到 {days} 天。", "權杖效期為 1 到 {days} 天。"),
    **SMS_PATTERNS,
    "The customer has an address, and {failed} of {tries} answers came back: try again first.": (
        "客户留有地址，{tries} 次答复中有 {failed} 次被退回：请先再试。",
        "客戶留有地址，{tries} 次回覆中有 {failed} 次被退回：請先再試。",
    ),
    # {field}, {names} and the like are names of ours and are said in the language as well, {said} is a sentence
    "There is no ticket {code} that you may see. Check the code: it has 8 characters.": (
        "没有您可以查看的工单 {code}。请核对编号，应为 8 个字符。",
        "沒有您可以查看的工單 {code}。請核對編號，應為 8 個字元。",
    ),
    "There is no such fact in {code}.": ("{code} 中没有这条信息。", "{code} 中沒有這筆資料。"),
    "{name} marked it.": ("由 {name} 标记。", "由 {name} 標記。"),
    "There is no such file in {code}.": ("{code} 中没有这个文件。", "{code} 中沒有這個檔案。"),
    "The file is missing in the data folder, at {place}. Restore it from a backup.": (
        "数据文件夹中缺少这个文件：{place}。请从备份恢复。",
        "資料夾中缺少這個檔案：{place}。請從備份還原。",
    ),
    "No account of ours writes to a {kind}. Call {address}, and note what was said.": (
        "我们没有可以联系 {kind} 的账号。请致电 {address}，并用备注记下内容。",
        "我們沒有可以聯絡 {kind} 的帳號。請致電 {address}，並用備註記下內容。",
    ),
    "There is no such delivery that you may see. `deskd deliveries list` has their ids.": (
        "没有您可以查看的这条发送记录。`deskd deliveries list` 列出它们的编号。",
        "沒有您可以檢視的這筆寄送記錄。`deskd deliveries list` 列出它們的編號。",
    ),
    'There is no agent "{name}" who serves the queue {queue}.': (
        "没有名为“{name}”且处理“{queue}”队列的客服。",
        "沒有名為「{name}」且處理「{queue}」佇列的客服。",
    ),
    "{name} is switched off and can do nothing here; an admin can change that.": (
        "{name} 已停用，不能操作；管理员可以更改。",
        "{name} 已停用，無法操作；管理員可以變更。",
    ),
    "This needs the role {role}; {name} is {was_role}.": (
        "此操作需要{role}身份，而 {name} 是{was_role}。",
        "此操作需要{role}身分，而 {name} 是{was_role}。",
    ),
    "{name} is with this customer. Take the next ticket, or wait until it is released.": (
        "{name} 正在处理该客户。请领取下一个工单，或等待放回。",
        "{name} 正在處理這位客戶。請領取下一張工單，或等待放回。",
    ),
    "{field} can't be set; what can be is {names}.": (
        "不能更改{field}；可以更改的是{names}。",
        "無法變更{field}；可以變更的是{names}。",
    ),
    '"{name}" is no topic of {category}; it is one of {topics}.': (
        "“{name}”不是“{category}”的细分；可选：{topics}。",
        "「{name}」不是「{category}」的細項；可選：{topics}。",
    ),
    '"{name}" is no {field}; it is one of {names}.': (
        "“{name}”不是{field}；可选：{names}。",
        "「{name}」不是{field}；可選：{names}。",
    ),
    "This answer is not sent: {said}": ("这份答复没有发出：{said}", "這份回覆沒有寄出：{said}"),
    "After a reply a ticket is {states}; not {state}.": (
        "答复之后工单可以是{states}，不能是{state}。",
        "回覆之後工單可以是{states}，不能是{state}。",
    ),
    "deskd has no account that writes to a {kind}. Call, and note what was said.": (
        "deskd 没有可以联系{kind}的账号。请致电，并用备注记下内容。",
        "deskd 沒有可以聯絡{kind}的帳號。請致電，並用備註記下內容。",
    ),
    "{name} answered after you loaded this page; read it first.": (
        "您打开页面之后 {name} 已经答复，请先阅读。",
        "您開啟頁面之後 {name} 已經回覆，請先閱讀。",
    ),
    '"{verdict}" is no verdict: say {verdicts}.': (
        "“{verdict}”不是有效的结果，可用：{verdicts}。",
        "「{verdict}」不是有效的結果，可用：{verdicts}。",
    ),
    "This delivery is {state}: only an unknown or a rejected one is decided by a person.": (
        "这次发送的状态是{state}；只有结果不明或被拒的才由人决定。",
        "這次寄送的狀態是{state}；只有結果不明或遭拒的才由人決定。",
    ),
    "TicketState {state} cannot become {into_state}.": (
        "工单不能从{state}变为{into_state}。",
        "工單無法從{state}變為{into_state}。",
    ),
    # what rows keep
    "Removed before anything was kept: {found}.": ("保存之前已删除：{found}。", "儲存之前已刪除：{found}。"),
    "{name} wrote it down: {why}.": ("由 {name} 记录：{why}。", "由 {name} 記錄：{why}。"),
    "{name} has taken it already.": ("{name} 已经接手。", "{name} 已經接手。"),
    "{name} resolved it without an answer.": ("{name} 未答复即结束了工单。", "{name} 未回覆即結束了工單。"),
    "{name} set the ticket to {state}.": ("{name} 将工单设为{state}。", "{name} 將工單設為{state}。"),
    "Policy {name}: {span} of {calendar}.": (
        "时限政策 {name}：{span}（日历 {calendar}）。",
        "時限政策 {name}：{span}（行事曆 {calendar}）。",
    ),
    "{said} Policy {name}: {span} of {calendar}.": (
        "{said}时限政策 {name}：{span}（日历 {calendar}）。",
        "{said}時限政策 {name}：{span}（行事曆 {calendar}）。",
    ),
    "{span} until the deadline of {clock}.": ("距{clock}时限还有 {span}。", "距{clock}時限還有 {span}。"),
    "The time for {clock} has run out.": ("{clock}的时限已到。", "{clock}的時限已到。"),
    "Told to {role}: {span} after the deadline of {clock}.": (
        "{clock}超时 {span}，已通知{role}。",
        "{clock}逾時 {span}，已通知{role}。",
    ),
    "Told to {role}: {span} before the deadline of {clock}.": (
        "距{clock}时限还有 {span}，已通知{role}。",
        "距{clock}時限還有 {span}，已通知{role}。",
    ),
    "Told to {role}: at the deadline of {clock}.": (
        "{clock}时限已到，已通知{role}。",
        "{clock}時限已到，已通知{role}。",
    ),
    "Still owed after {n} more minutes of {calendar}.": (
        "又过了 {n} 分钟（日历 {calendar}）仍未完成。",
        "又過了 {n} 分鐘（行事曆 {calendar}）仍未完成。",
    ),
    "Telegram refused it ({code}).": ("Telegram 拒收（{code}）。", "Telegram 拒收（{code}）。"),
    "Telegram does not know this bot's token ({code}).": (
        "Telegram 不认识机器人的令牌（{code}）。",
        "Telegram 不認識機器人的權杖（{code}）。",
    ),
    "The channel failed: {error}.": ("渠道出错：{error}。", "管道出錯：{error}。"),
    "An attachment cannot be read: {error}.": ("有一个附件无法读取：{error}。", "有一個附件無法讀取：{error}。"),
    "The account is paused: {why}": ("发送账号已暂停：{why}", "寄送帳號已暫停：{why}"),
    "Given up after five days: {why}": ("五天后放弃：{why}", "五天後放棄：{why}"),
    "It came back: {said} ({status}).": ("被退回：{said}（{status}）。", "遭退回：{said}（{status}）。"),
    "It came back: {said}.": ("被退回：{said}。", "遭退回：{said}。"),
    "The mail server {place} cannot be used: {why}.": (
        "邮件服务器 {place} 无法使用：{why}。",
        "郵件伺服器 {place} 無法使用：{why}。",
    ),
    "The mail has {size} bytes, and the mail server takes {limit}; send the files another way.": (
        "邮件有 {size} 字节，邮件服务器最多接受 {limit}；请用其他方式发送文件。",
        "郵件有 {size} 位元組，郵件伺服器最多接受 {limit}；請用其他方式傳送檔案。",
    ),
    "header block cut at {n} bytes": ("邮件头在 {n} 字节处截断", "郵件標頭在 {n} 位元組處截斷"),
    "header fields after the first {n} left out": ("只保留邮件头的前 {n} 个字段", "只保留郵件標頭的前 {n} 個欄位"),
    "parts deeper than {n} left as they are": ("超过 {n} 层的部分未展开", "超過 {n} 層的部分未展開"),
    "parts after the first {n} left out": ("只保留前 {n} 个部分", "只保留前 {n} 個部分"),
    "boundaries after the first {n} not looked at": ("只查看前 {n} 个分界", "只查看前 {n} 個分界"),
}
