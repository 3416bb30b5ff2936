"""What customers read in the chat: English, Simplified, Traditional. Traditional is written, not converted."""

CHAT: dict[str, tuple[str, str, str]] = {
    "chat_title": ("Chat with us", "在线客服", "線上客服"),
    "chat_log": ("Conversation", "对话", "對話"),
    "chat_text": ("Your message", "您的消息", "您的訊息"),
    "chat_text_why": (
        "Enter sends, Shift and Enter begin a new line.",
        "按 Enter 发送，Shift + Enter 换行。",
        "按 Enter 傳送，Shift + Enter 換行。",
    ),
    "chat_send": ("Send", "发送", "傳送"),
    "chat_close": ("Close", "关闭", "關閉"),
    "chat_leave": ("End and forget this chat here", "结束并在本机清除对话", "結束並在本機清除對話"),
    "chat_leave_sure": (
        "The conversation disappears from this browser; we keep it. End it?",
        "对话将从这个浏览器消失，我们这边仍会保留。确定结束吗？",
        "對話將從此瀏覽器消失，我們這邊仍會保留。確定結束嗎？",
    ),
    "chat_you": ("You", "您", "您"),
    "chat_automatic": ("automatic", "自动回复", "自動回覆"),
    "chat_sending": ("Sending …", "发送中……", "傳送中……"),
    "chat_kept": ("Sent", "已发送", "已傳送"),
    "chat_failed": ("Not sent:", "未发送：", "未傳送："),
    "chat_away": (
        "No connection; we keep trying. What you wrote is not lost while this page is open.",
        "连接中断，正在重试。页面不关闭，您写的内容就不会丢。",
        "連線中斷，正在重試。只要不關閉頁面，您寫的內容就不會遺失。",
    ),
    "chat_resolved": (
        "This matter is settled for us. Write here if anything is left.",
        "这件事我们已处理完毕。如还有问题，请直接在这里写。",
        "這件事我們已處理完畢。若還有問題，請直接在這裡寫。",
    ),
    "chat_shut": (
        "Nobody is at the desk right now. Write all the same: it is kept; a person answers here no later than {due}.",
        "现在是客服休息时间。您可以照常留言，消息不会丢，最迟{due}会有客服在这里答复您。",
        "目前是客服休息時間。您可以照常留言，訊息不會遺失，最晚{due}會有專人在這裡回覆您。",
    ),
    "chat_urgent": (
        "If money is leaving, a code was given away, or your phone is gone: freeze it in the app, under Security.",
        "如果钱正在被转走、验证码已经给了别人、或者手机丢了，请不要等：马上在 App 的“安全中心”里冻结账户。",
        "若款項正被轉走、驗證碼已交給他人，或手機遺失，請勿等待：立即到 App 的「安全中心」凍結帳戶。",
    ),
    "chat_hotline": (
        "Or call {hotline}, which is answered day and night.",
        "也可以拨打全天有人接听的 {hotline}。",
        "也可撥打全天候專線 {hotline}。",
    ),
    "chat_cookies": (
        "Your browser keeps no cookie of ours here, so we could not find you again.",
        "浏览器不允许在这里保存 Cookie，我们就无法再找到您。",
        "瀏覽器不允許在這裡儲存 Cookie，我們就無法再找到您。",
    ),
    "chat_own_window": ("Open the chat in a window of its own", "在新窗口中打开客服", "在新視窗中開啟客服"),
    "chat_no_script": (
        "The chat needs JavaScript, which is off in this browser.",
        "在线客服需要 JavaScript，但这个浏览器已将其关闭。",
        "線上客服需要 JavaScript，但此瀏覽器已將其關閉。",
    ),
    "chat_form": ("Write to us by the form", "通过表单联系我们", "透過表單聯絡我們"),
    "chat_slower": (
        "That was fast; it is sent in a moment.",
        "发送太快了，稍等片刻会自动发出。",
        "傳送太快了，稍待片刻會自動送出。",
    ),
}
