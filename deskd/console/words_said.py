"""Sentences that the desk wrote down or refuses with, as Chinese readers have them: English → Simplified, Traditional.

Rows keep one sentence, in English, because it is a record. What is not in the table (a provider's own words, a sentence
with a name in it) is shown as it stands.
"""

SAID: dict[str, tuple[str, str]] = {
    # how far a sender is proved, and why no acknowledgement went
    "The address was typed into the form; nothing proves that it is the sender's.": (
        "地址是在表单中填写的，无法证明属于发件人。",
        "地址是在表單中填寫的，無法證明屬於寄件人。",
    ),
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
    # why something is parked or not known
    "It ended the process three times.": ("它三次使处理进程中断。", "它三次使處理程序中斷。"),
    "The worker that held it is gone; it had not left.": (
        "负责发送的进程已消失，消息尚未发出。",
        "負責寄送的程序已消失，訊息尚未寄出。",
    ),
    "The worker that held it is gone; it may have left. It is not sent again by itself.": (
        "负责发送的进程已消失，消息可能已发出，不会自动重发。",
        "負責寄送的程序已消失，訊息可能已寄出，不會自動重寄。",
    ),
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
    "The customer left no address to write to.": ("客户没有留下联系地址。", "客戶沒有留下聯絡地址。"),
    "You don't hold this customer.": ("您没有领取该客户。", "您沒有領取這位客戶。"),
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
