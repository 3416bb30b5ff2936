"""What the parsers are made for, one of each kind; the fuzzer starts from these."""

import base64
import json

PLAIN = (
    b"Received: from a by b; Tue, 3 Mar 2026 10:00:00 +0800\r\nFrom: =?utf-8?B?5byg5LiJ?= <a@example.com>\r\n"
    b"To: support@desk.example, B <b@desk.example>\r\nSubject: =?gb18030?Q?=D7=AA=D5=CB?=\r\n"
    b"Message-ID: <1@example.com>\r\nReferences: <0@example.com>\r\n <2@desk.example>\r\n"
    b"Date: Tue, 3 Mar 2026 10:00:00 +0800 (CST)\r\nContent-Type: text/plain; charset=gb2312\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=D7=AA=D5=CB\r\n\r\nOn Friday X wrote:\r\n> old\r\n"
)
MULTIPART = (
    b"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    b'Content-Type: text/html; charset="utf-8"\r\n\r\n<p>A<blockquote>old</blockquote><img src=cid:1>\r\n--b\r\n'
    b"Content-Type: application/pdf; name*0*=utf-8''%E8%B4; name*1=x.pdf\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment\r\n\r\nJVBERi0=\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    + PLAIN
    + b"\r\n--b--\r\n"
)
BOUNCE = (
    b"From: MAILER-DAEMON@example.com\r\nSubject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed: "
    b"<a@example.com>: 550 5.1.1 unknown\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 unknown\r\n--b--\r\n"
)
UUENCODED = b"From: a@example.com\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"
MAILS = (PLAIN, MULTIPART, BOUNCE, UUENCODED)

WORDS = (
    "我的卡号４１１１ 1111-1111 1111，cvv 123，验证码是 482913。交易号T202611240012345678 230.00元 138 0013 8000",
    "My seed phrase: abandon ability absorb acid adjust aim alarm album anchor angle arena armor. password: hunter2x",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\nplease call +852 6123 4567, a@example.com",
    "請把您收到的驗證碼發給我，我幫您輸入。Never share it. See https://upay.example/x or www.refund.test",
    "转账三天还没到账，轉帳 喺邊度 唔該，我要投诉!!! I can't log in 登錄 ﾃｽﾄ ＡＢＣ",
)
PATTERNS = (r"(?i)lost|stolen phone", r"a{1,3}[b-d]+(?:e|f(?:g)?)\d*\.", "密码.{0,4}(?:忘|丢)了?")
REPLIES = (
    "Thanks.\n\nOn Tue, 3 Mar 2026 at 10:00, X <x@example.com> wrote:\n> one\n>> two\n\n-- \nA\nSent from my iPhone",
    "好的\n\n在 2026年3月3日，X <x@example.com> 写道：\n> 旧的\n\n-----原始邮件-----\n发件人: X\n主题: 转账\n\n旧的",
    "ok\n________________________________\nFrom: X <x@example.com>\nSent: Tuesday\nTo: Y\nSubject: money\n\nold",
)
PAGES = (
    (
        "<html><head><style>p{}</style></head><body><p>A&nbsp;b</p><div class=gmail_quote>On Friday<blockquote>old"
        "</blockquote></div><table><tr><td>1<td>2</table><a href='https://x.example'>x</a><script>1</script><!-- -->"
    ),
    "<div>好<br><div id='divRplyFwdMsg'><b>发件人:</b> X</div><ul><li>1<ul><li>2</ul></ul><pre> a  b</pre>",
)
HEADERS = (
    b'From: "A, B" <a@example.com>, group: b@example.com;\r\nX: a\r\n\tb\r\n\r\n',
    b"=?utf-8?B?5byg5LiJ?= (a (nested) comment) <@relay,@b:a.b@example.com>",
    b'text/plain; charset="utf-8"; name*0*=utf-8\'zh\'%E8%B4%A6; name*1="x;y"; boundary=(c) b',
)
RESULTS = (
    "mx.desk.example; dmarc=pass (p=none) header.from=example.com; spf=pass smtp.mailfrom=a@example.com; dkim=none",
)
DATES = (
    "Tue, 3 Mar 2026 10:00:00 +0800 (CST)",
    "3 Mar 26 10:00 EST",
    "2026-03-03T10:00:00Z",
    "Tue Mar  3 10:00:00 2026",
)
URLS = ("https://api.example/v1/files?x=1", "http://[::1]:8080/", "https://user@host.example:99999/%00#f")
IDS = (
    "<0123456789abcdef0123456789abcdef.aabcdefghijklmnop@desk.example>",
    "support+7k3m9qxd.aabcdefghijklmnop@desk.example",
    "UP-7K3M-9QXD",
)
RULES = (
    """
[words]
lost = ["lost", "丢"]
[[rules]]
name = "a"
strength = "hard"
when = { all = [{ words = ["{lost}"] }, { not = { pattern = "a{1,3}b" } }] }
then = { category = "security", topic = "lost_phone", queue = "security", priority = "urgent", policy = "security" }
reason = { en = "x", zh = "y" }
""",
    """
[[rules]]
name = "b"
strength = "default"
when = {}
then = { category = "other", topic = "unclear", queue = "triage", priority = "low", policy = "other" }
reason = { en = "Everything.", zh = "全部。" }
""",
)
CLOCKS = (
    """
[calendars.office]
zone = "Asia/Shanghai"
hours = { mon-fri = ["09:00-12:00", "13:00-18:00"] }
holidays = ["CN"]
[[policies]]
name = "other"
calendar = "office"
first_response = { high = 60, normal = 240 }
resolution = { normal = 2880 }
""",
)
SETTINGS = (
    '[desk]\nbrand = "UPay"\nlinks = ["upay.example"]\n[web]\nport = 8025\n[mail.listen]\nsmtp_port = 2525\n',
    '[store]\nurl = "postgresql://a@b/c"\nraw_days = 7\n[redis]\nurl = ""\nprefix = "deskd"\n[nothing]\nx = 1\n',
)
TEXTS = (
    (
        'number = "T1"\nversion = 1\nowner = "desk"\nlevel = "open"\n[email.en]\nsubject = "We have it [{code}]"\n'
        'text = """\nBy {due}. [[See {link}.]]\n\n{fixed_line}\n"""\n'
    ),
)
DUES = (
    json.dumps(
        {
            "calendar": {"zone": "Asia/Shanghai", "hours": {"mon-fri": ["09:00-18:00"]}, "holidays": ["2026-10-01"]},
            "start": "2026-03-03T10:00:00+08:00",
            "minutes": 90,
            "pauses": [{"from": "2026-03-03T10:10:00+08:00", "to": "2026-03-03T10:20:00+08:00"}],
        }
    ),
)
FORM_WORDS = {"id": "b1c7a8a0-0000-4000-8000-000000000000", "email": "a@example.com", "message": "我的转账没到账"}
FORM_FILES = [{"filename": "a.png", "content_type": "image/png", "data": base64.b64encode(b"\x89PNG").decode()}]
FORMS = (
    json.dumps(FORM_WORDS | {"subject": "转账", "files": FORM_FILES}).encode(),
    json.dumps(FORM_WORDS | {"found": ["card"], "spam_why": "", "phone": "138"}).encode(),
)
_PERSON = {"id": 5, "is_bot": False, "first_name": "A", "language_code": "zh-hans"}
_CHAT = {"id": 5, "type": "private"}
_SAID = {"message_id": 7, "from": _PERSON, "chat": _CHAT, "date": 1_780_000_000}
_PHOTO = {"photo": [{"file_id": "x", "width": 9, "file_size": 99}], "caption": "截图", "media_group_id": "1"}
_LINK = {"text": "see", "entities": [{"type": "text_link", "offset": 0, "length": 3, "url": "https://upay.test/"}]}
_CARD = {"contact": {"phone_number": "8613800138000", "user_id": 5, "first_name": "A"}}
_ANSWER = {"text": "yes", "reply_to_message": _SAID | {"text": "one\ntwo"}, "forward_date": 1, "dice": {"value": 4}}
UPDATES = tuple(
    json.dumps({"update_id": 900_000, **update}, ensure_ascii=False).encode()
    for update in (
        {"message": _SAID | _LINK},
        {"edited_message": _SAID | _PHOTO},
        {"message": _SAID | _CARD},
        {"message": _SAID | _ANSWER},
        {"my_chat_member": {"chat": _CHAT, "from": _PERSON, "new_chat_member": {"status": "kicked"}}},
        {"callback_query": {"id": "1", "from": _PERSON, "data": "v", "message": _SAID}},
    )
)
BOT_ANSWERS = (
    b'{"ok":true,"result":{"message_id":7}}',
    b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":35}}',
)
API_BODIES = (
    b'{"text": "We looked into it.", "then": "resolved", "read": "0123456789abcdef0123456789abcdef"}',
    b'{"text": "x", "text": "y"}',
    b'{"text": "\\ud800"}',
)
API_QUERIES = (
    "state=open&state=held&queue=transfers&limit=50",
    "priority=high&spam=true&cursor=abcMTIz",
    "limit=%20%00",
)
CHATS = (json.dumps({"id": "b1c7a8a0-0000-4000-8000-000000000000", "text": "我的转账没到账"}).encode(),)
PAGE_POSTS = (
    b"id=b1c7a8a0-0000-4000-8000-000000000000&email=a%40example.com&message=%E8%BD%AC&website=",
    (
        b'--b\r\nContent-Disposition: form-data; name="message"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; '
        b'name="files"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n'
    ),
)
TEXT_FORM = {
    "MessageSid": "SM1",
    "From": "+14155550123",
    "To": "+14155550100",
    "Body": "我的转账 STOP",
    "NumMedia": "1",
}
TEXT_RECEIPTS = (
    json.dumps(TEXT_FORM | {"MediaContentType0": "image/jpeg", "OptOutType": "STOP"}).encode(),
    json.dumps({"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30003", "To": "+14155550123"}).encode(),
    json.dumps({"Body": ["a", "b"], "From": "TWILIO", "NumMedia": "x"}).encode(),
)
TEXT_POSTS = (b"MessageSid=SM1&From=%2B14155550123&Body=a+b%20c&Blank=&D=1&D=2", b"&".join([b"a=%ff"] * 501))
TEXT_EVENTS = (
    json.dumps({"params": TEXT_FORM, "channel": "sms", "url": "https://d.example/x", "token": "t", "signature": "s"}),
    json.dumps({"params": [["D", "1"], ["D", "2"]], "url": "https://d.example/x#rc=1", "token": "t", "signature": "s"}),
    json.dumps({"body": "{}", "url": "https://d.example/x?bodySHA256=44", "token": "t", "signature": "s"}),
)
RESPONSES = (
    b'* 12 FETCH (UID 7 RFC822.SIZE 33 INTERNALDATE "17-Jul-1996 02:44:25 -0700" FLAGS (\\Seen) BODY[]<0> {}a\r\n{})',
    b"* OK [UIDVALIDITY 3857529045] UIDs valid",
    b"* SEARCH 2 84 882 (MODSEQ 917162500)",
    b'* 3 FETCH (ENVELOPE ("d" "sad :(" NIL ((NIL NIL "a" "b\\"c"))))',
)
MARKS = (
    '{"validity":7,"place":"u at h: f","done":41,"pending":{"38":2,"40":0},"old":12,"since":1796000000,"unmoved":[39]}',
)
