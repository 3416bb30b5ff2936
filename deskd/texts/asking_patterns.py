# ruff: noqa: E501, S105 - an alternative cut in the middle cannot be read; no password stands here
"""The patterns of asking.py: what is asked for, how, and what takes an asking back. Lower case, Simplified."""

import re

SENTENCE = re.compile(r"(?:[^。！？!?\n;；.]|\.(?![ \n]|$))+[。！？!?;；.]*")
CLAUSE = re.compile(r"[,，:：—]| - |(?<=\s)(?:but|then|so)(?=\s)|但是|但|然后|随后")

_NO_SECRET_CODES = """
error status post postal zip promo promotion coupon discount country area sort branch swift bic qr bar voucher referral
invite invitation merchant source reference ref tracking product order response result reason ticket currency dress
dialling dialing booking case
"""
_OTHER_CODES = "".join(f"(?<!{word} )" for word in _NO_SECRET_CODES.split())
_EN_SECRET = (
    rf"(?:(?<![a-z0-9]){_OTHER_CODES}codes?(?![a-z0-9])|otps?(?![a-z0-9])|pass ?words?|pass ?phrases?|pass ?codes?|(?<![a-z0-9])pins?(?![a-z0-9])|"
    r"(?<![a-z0-9])cv[vc]2?(?![a-z0-9])|(?:three|four|3|4)[ -]digits?(?: \w+)? (?:on|at) the back|digits (?:on|at) the back|number (?:on|at) the back|(?:numbers?|digits) (?:that )?(?:you (?:got|received|see)|we (?:just )?sent|shown|sent to|(?:in|from) (?:the|your) (?:text|sms|message))|"
    r"(?<!last )(?:six|6|4|four)[ -]digits?(?: number)?(?! on)|(?:photos?|pictures?|images?|scans?) of (?:both sides|the back|the front)(?: side)? of (?:your|the) (?:\w+ )?card|(?:photos?|pictures?|scans?) of your (?:\w+ )?card|(?:full|whole|entire|complete) number (?:of|on)|(?:security|verification|confirmation) (?:code|number)|"
    r"seed(?: (?:phrase|words?))?(?![a-z0-9])|(?:recovery|secret|backup|wallet|[0-9]+[ -]word|[a-z]+-word) (?:phrase|words|key)|mnemonic|private keys?|"
    r"(?:12|24|twelve|twenty-four) words|log ?in details|credentials|"
    r"card numbers?|(?:whole|full|entire|complete|all) (?:\w+ )?(?:digits|number)(?: of| on) (?:\w+ )?card|"
    r"(?:all )?(?:16|sixteen) digits)"
)
_EN_NOT_IT = (
    r"(?! ?(?:reset|page|screen|prompt|problem|issue|error|field|box|form|email|mail|message pops|not arriv|did|didn|never|"
    r"was rejected|is rejected|arrives?|came|fails?|failed|has been|expired|format|length|manager|pad))"
)
_EN_NOUN = rf"{_EN_SECRET}{_EN_NOT_IT}"
_EN_HAND = (
    r"(?<![a-z0-9])(?:send|tell|give|share|provide|reply|text|forward|e-?mail|message|read|dictate|confirm(?! (?:the|your|a) (?:payment|transfer|order|transaction))|supply|submit|disclose|"
    r"reveal|post|upload|state|quote|repeat|return|whisper|revert|respond|answer|take|sent me|gave me|told me|trouble you for|copy|paste|bother you for|fill in|dictating|forwarding|pass|hand|write|attach|include|reading|sending|telling|type back|let (?:me|us) (?:have|know|see))(?![a-z0-9])"
)
_EN_QUERY = r"(?<![a-z0-9])(?:when|whether|if|how|why|where|which|who|since when|what time|last four|last 4|ending|screenshot|that you|did)(?![a-z0-9])"
_EN_GAP = rf"(?:(?!{_EN_QUERY})[^\n]){{0,60}}?"
_EN_US = r"(?<![a-z0-9])(?:to |with )?(?:me|us|here|back|in (?:this|your|a) (?:chat|reply|mail|email|message|thread))(?![a-z0-9])"

EN_ASKS = re.compile(
    rf"{_EN_HAND}{_EN_GAP}{_EN_NOUN}"
    rf"|(?:what(?:'s| is| was| are| were)|which is|whats)(?: \w+)? (?:your|the) (?:\w+ ){{0,3}}?{_EN_NOUN}"
    rf"|(?:may|can|could|might) (?:i|we) (?:please )?(?:have|get|see|take){_EN_GAP}{_EN_NOUN}"
    rf"|(?<![a-z0-9])(?:i|we|i'll|we'll|i'd|we'd) (?:will |would |just |only |also |still |do |now |urgently )*(?:need|require|want|ask for|must have|like){_EN_GAP}{_EN_NOUN}"
    rf"|(?:what|which) (?:\w+ )?{_EN_SECRET} (?:did|do|have|was|were|is|are)(?: you| your| they)? ?(?:get|got|receive|received|see|have|sent|texted|use|using)?(?! not)"
    rf"|^ ?(?:and |your |the |so )*{_EN_NOUN} ?\?+$|(?:read|tell|send) (?:me|us) what (?:it|the (?:sms|text)) says"
    rf"|{_EN_NOUN} (?:is|are) (?:needed|required)(?! (?:at|on|in) the)"
    rf"|(?:enter|type|key in|fill in|put|write|paste|drop){_EN_GAP}{_EN_NOUN}{_EN_GAP}(?:(?<![a-z0-9])(?:here|below|back)(?![a-z0-9])|in (?:this|your) (?:chat|reply|mail|email|message))"
    rf"|(?:your|the) (?:\w+ ){{0,2}}?{_EN_NOUN}[^\n]{{0,12}}(?:please|pls)"
    rf"|(?:please|pls|kindly)[^\n]{{0,12}} (?:your|the) (?:\w+ ){{0,2}}?{_EN_SECRET}$"
)
EN_PASS_ON = re.compile(
    r"(?:it|them|that|digits)(?: \w+){0,2} and (?:reply|send|answer|respond)|"
    r"(?:just |simply |only |please |kindly |and |then )*(?:send|tell|give|share|forward|text|read|pass|hand)(?: (?:it|them|that|those|this))?(?: out| along| over| on)? ?(?:to |with )?(?:me|us)(?![a-z0-9])(?![^,]{0,12} (?:when|whether|if|how|why|where|which|what))"
)
EN_NEGATED = re.compile(
    r"(?<![a-z0-9])(?:never|not|don't|do not|doesn't|won't|cannot|can't|isn't|aren't|shouldn't|mustn't|nobody|no one|none|no (?:agent|employee|colleague|member|one)|"
    r"(?:give|send|share|tell|provide|say|hand)(?: out)? (?:no|nothing|nobody)|without|refuse|stop|avoid|instead of|rather than|beware|no need|nor|neither|keep .{0,40} (?:secret|private|to yourself))(?![a-z0-9])|n't(?![a-z0-9])"
)
EN_FALSE_NO = re.compile(
    r"(?:do not|don't) (?:hesitate|forget|worry|wait|be afraid|mind)|why (?:not|don't)|if you (?:do not|don't|cannot|won't)|can(?:'t| ?not) (?:help|go on|continue|proceed)[^,]* (?:without|until|unless)"
    r"|(?:not|n't) [^,]*(?:until|unless) you|(?:anyone|anybody|others|everyone|nobody|no one)[^,]{0,8}(?:but|except|other than) (?:me|us)"
    r"|could(?:n't you| you not)|would(?:n't you| you not)|can(?:'t you| you not)|(?:would|do) you mind|(?:will|are) (?:not|n't) be able|not only"
)
EN_REPORTED = re.compile(
    r"(?<![a-z0-9])(?:any(?:one|body) (?:who|that|asking|wants|claiming)|whoever|some(?:one|body)|scammers?|fraudsters?|criminals?|thie(?:f|ves)|impostors?|"
    r"if (?:any(?:one|body)|they|a caller|a stranger|some)|(?:(?<!code )(?<!number )did|have|has|had) (?:you|they|any(?:one|body)|some(?:one|body)|he|she|the (?:caller|person))|"
    r"(?:he|she|they|caller|callers|people|stranger|strangers) (?:ask|asked|asks|told|tells|tell|want|wanted|wants|say|said|says|may|might|will|try)|you (?:sent|gave|told|shared|entered|wrote|typed|added|installed)(?! (?:me|us))|"
    r"(?:was|were|been|being) asked|asks? you to|asked you|told you|requests? to|claims? to be)(?![a-z0-9])"
)

_ZH_SECRET = (
    r"(?:验证码|校验码|动态码|动态口令|短信码|确认码|认证码|识别码|口令|密码|安全码|cv[vc]2?|otp|pin ?码?(?![a-z])|"
    r"背面(?:的)?(?:三|四|3|4)位(?:数字?)?|(?:后|末)(?:三|3)[位码](?:数字?)?|"
    r"(?:六|6|四|4)位(?:数字|数|验证)?(?!的?(?:订单|编号|尾号))|助记词|(?:手机|短信)(?:里|上|中)?(?:收到|显示|看到)?的?(?:那?(?:几|串|组)[个位]?)?(?:数字|号码)|恢复词|种子词|私钥|密钥|"
    r"(?:完整的?|全部的?|整个)?(?:银行|信用|储蓄|借记)?卡(?:号|的?号码|的?全部数字|正反面)|(?:十六|16|十九|19)位(?:数字|卡号))"
)
_ZH_NOT_IT = (
    r"(?!的?(?:(?:最?后|末)[四4][位码]|尾号)|(?:短信)?的?(?:截图(?!给|发)|时间|页面|界面|提示|手机|错误|问题|重置|找回|格式|位数|有效期|(?:发送|验证|下发)?记录|日志|那一?步|环节|时)"
    r"|是(?:短信|语音|否|怎|因)|错误|收不到|没收到|没有收到|不对|过期|失效|不正确|输错|忘|登录|重置|页面|提示|发送失败|延迟)"
)
_ZH_NOUN = rf"{_ZH_SECRET}{_ZH_NOT_IT}"
_ZH_QUERY = r"(?:几点|什么时候|何时|是否|有没有|是不是|哪|多久|多少次|几次|为什么|怎么|如何|什么原因|截图|尾号|[后末][四4][位码])"
_ZH_GAP = rf"(?:(?!{_ZH_QUERY})[^\n]){{0,24}}?"
_ZH_HAND = (
    r"(?:提供|告诉|告知|发送|发来|发给|发到|发一下|发过来|发下|发我|回复|回传|转发|报一下|报给|报下|报出|念一下|念给|念出|读一下|读给|说一下|说下|说出|"
    r"给我|给我们|给一下|出示|透露|上传|写上|写下|附上|补充|交给|传给|传一下|传过来|私信|共享|分享|拍照|拍一下|拍给|核对一下|确认一下|提交|补一下|讲一下|讲给)"
)
ZH_ASKS = re.compile(
    rf"{_ZH_HAND}{_ZH_GAP}{_ZH_NOUN}"
    rf"|(?:把|将|请|麻烦|烦请|劳烦|您的|你的|收到的|完整的?)[^\n]{{0,20}}?{_ZH_NOUN}[^\n]{{0,14}}?(?:{_ZH_HAND}|拍|报|念|说给|发$)"
    rf"|{_ZH_NOUN}[^\n]{{0,6}}?(?:是多少|多少|是什么|是几|几位数是|呢$|发我|发给我|给我|报我|发一下|发来|说一下|报一下|念一下|告诉(?:我|客服))"
    rf"|(?:我|我们|客服)(?:这边)?(?:还|先|也|只)?(?:想|要|差|缺){_ZH_GAP}{_ZH_NOUN}"
    rf"|(?:输入|填写|填|写){_ZH_GAP}{_ZH_NOUN}[^\n]{{0,8}}?(?:这里|在此|对话框|聊天|回复里|邮件里|到这)"
    rf"|(?:在这里|在此|在下方|在下面|在聊天|在对话框|在本邮件|在回复)[^\n]{{0,10}}?(?:输入|填写|填|写)[^\n]{{0,10}}?{_ZH_NOUN}"
    rf"|请问[^\n]{{0,8}}?{_ZH_NOUN}(?:是|呢|为)?[?? ]*$|(?:(?<=[\u4e00-\u9fff])|(?=[\u4e00-\u9fff])){_ZH_NOUN}(?:是|呢)?[??]$"
    rf"|{_ZH_NOUN}[^\n]{{0,14}}?(?:回复|回|发|告诉|报|念|传|转|提供|交|说|讲|读)[^\n]{{0,4}}?(?:我|客服|这边|过来|即可|就行|就可以)"
    rf"|(?:把|将)[^\n]{{0,8}}?(?:收到的[^\n]{{0,4}}?|那?[串组几]个?)数字[^\n]{{0,3}}?(?:发|报|告诉|念)"
    rf"|(?:什么|哪个|多少)是?(?:您|你)的{_ZH_NOUN}"
    rf"|(?:把|将)[^\n]{{0,12}}?{_ZH_NOUN}[^\n]{{0,4}}?(?:填|写|输)(?:在|到|进|入)?[^\n]{{0,4}}?(?:聊天|这里|对话|回复|邮件)"
)
ZH_PASS_ON = re.compile(
    r"(?:发给|告诉|报给|念给|传给|转给|交给|只给|提供给|读给|说给|回复给|转发给|回给)(?:我|我们|客服|专员|本人)(?!.{0,16}(?:几点|什么|是否|哪|还是|多久|有没有))"
    r"|(?:发|报|念|传|说|回)(?:一下|给我|过)?(?:来)?(?:即可|就行|就可以|就好)|(?:发|报|念|传)过来|发来"
)
ZH_NEGATED = re.compile(
    r"不要|请勿|切勿|勿|别(?!人|处|的)|不会|绝不|决不|从不|从未|不可|不能|不应|不该|禁止|无需|无须|不用|不必|不需|没有人|没人|谢绝|拒绝|"
    r"避免|防止|谨防|小心|警惕|当心|不得|不再|都不|也不|未曾|而不是"
)
ZH_FALSE_NO = re.compile(
    r"别忘|不要忘|别担心|不用担心|不要担心|别着急|不要着急|不用怕|别犹豫|如果不|若不|要是不|不提供|不能.{0,12}(?:除非|直到)|否则|不然|才能|才可以|能不能|可不可以|可否|是不是可以|方不方便|"
    r"不妨|何不|(?:任何人|别人|他人).{0,3}(?:除了|除)(?:我|我们)|除(?:了)?(?:我|我们|客服)"
)
ZH_REPORTED = re.compile(
    r"任何人|有人|谁(?:向|要|让|叫)|凡是|骗子|诈骗|冒充|对方|陌生人|自称|假冒|(?:让|叫|要求)您(?:提供|把|将|发|报|说|加|装|安装|下载|共享|分享|打开|开启|转)|向您索|向您要|您(?:是否|有没有|曾|刚才|之前|已经)|是否(?:曾|有|把|将)|有没有(?:把|将|给|告诉)|"
    r"您(?:把|将)[^\n]{0,20}(?:给了|告诉了|发给了|泄露)|(?:给|告诉|发)过(?!来)|如果.{0,4}(?:给了|告诉了|泄露)|会被|他们|索要|索取|如果.{0,4}(?:让|要|叫)您"
)
CONTINUES = re.compile(
    r"\s*(?:or|nor|and never|and not|and do not|or even|in|on|over|via|also|neither|也|或|以及|更|和|无论|哪怕|即使|even|no matter|whether)"
)
CALLS = re.compile(
    r"(?<![a-z0-9])(?:just|only|please|instead|simply|kindly|tell me|tell us|send me|send us)(?![a-z0-9])|请|只|麻烦|就|发给我|告诉我"
)

_REMOTE_NOUN = (
    r"(?:any ?desk|team ?viewer|to ?desk|rust ?desk|quick ?support|air ?droid|ultra ?viewer|向日葵|remote[ -](?:control|access|desktop|assistance|support|help)|"
    r"screen[ -]?shar(?:e|ing)|your screen|control (?:of |over )?your (?:phone|device|computer|mobile|screen|pc)|control it|access (?:to )?your (?:phone|device|computer|mobile)|your (?:phone|device|computer|mobile) remotely|connect to your (?:phone|device|computer|mobile)|"
    r"屏幕共享|(?:共享|分享)(?:一下|下)?(?:您的|手机|的)*(?:屏幕|荧幕|萤幕|画面)|共享屏幕|屏幕分享|分享屏幕|荧幕分享|萤幕分享|分享萤幕|荧幕共享|画面分享|远程(?:控制|协助|桌面|操作|操控|连接)|远端(?:控制|协助|桌面|操作|操控|连线)|遥控|投屏|控制(?:一下)?(?:您的)?(?:手机|电脑|设备)|远程(?:登录|登入|访问))"
)
_REMOTE_DO = (
    r"(?<![a-z0-9])(?:install|download|open|run|start|launch|use|accept|allow|let|give|grant|enable|turn on|switch on|share|activate|approve|join|set up|get|add|take|connect)(?![a-z0-9])|"
    r"安装|下载|打开|开启|启动|运行|使用|用一下|接受|允许|同意|授权|开一下|点开|开个|装一下|装个|下个|配合|进行|我这边|我会|我可以|请您?|麻烦|让我|让我们|让客服|我来|我们来|帮您|给您|通过|需要|开$|请您?开|用"
)
REMOTE = re.compile(
    rf"(?:{_REMOTE_DO})[^\n]{{0,40}}?{_REMOTE_NOUN}|{_REMOTE_NOUN}[^\n]{{0,16}}?(?:打开|开启|装上|装好|下载|开一下|打开一下|允许|同意|一下|给我|给客服)"
)
REMOTE_END = re.compile(
    r"uninstall|remove|delete|close|end any|end the|quit|stop|leave|turn off|switch off|disconnect|卸载|删除|关闭|关掉|退出|结束|停止|断开|移除|解除"
)

_APPS = r"(?:whats ?app|telegram|we ?chat|weixin|(?<![a-z0-9])qq(?![a-z0-9])|(?<![a-z0-9])line(?! of| is| at)(?![a-z0-9])|signal|messenger|skype|viber|discord|微信|电报|纸飞机|飞机号|企鹅号|薇信|威信|v信|扣扣|(?<![a-z0-9])tg(?![a-z0-9]))"
MESSENGER = re.compile(
    rf"(?<![a-z0-9])(?:add|contact|message|text|reach|find|write(?: to)?|ping|dm|call)(?: me| us| him| her| our \w+| my \w+| this \w+)?(?: \w+){{0,3}}? (?:on|via|over|through|by|at|in) (?:my |our |the )?(?:\w+ )?{_APPS}"
    rf"|(?:continue|chat|talk|switch|move|go|carry on|come|discuss|speak|proceed|take this|connect)(?: \w+){{0,4}}? (?:on|via|over|to|through|in) (?:my |our |the )?(?:\w+ )?{_APPS}"
    rf"|(?<![a-z0-9])(?:my|our) (?:\w+ )?{_APPS}(?: \w+)? (?:is|number|id|account)|add (?:me|us|my|our)[^\n]{{0,16}}{_APPS}|{_APPS} (?:me|us)(?![a-z0-9])"
    rf"|(?:加|添加|扫码?加|扫)(?:一下|下)?(?:我|我们|客服|专员|老师|经理|这个|专属)?(?:的|们|客服|专员|经理|个人|私人|工作)*[^\n，。]{{0,6}}?{_APPS}"
    rf"|(?:用|到|去|上|转到|换到|通过|移步|改用|转|在) ?(?:我的?|我们的?)?{_APPS}[^\n，。]{{0,6}}?(?:上|里)?(?:联系|联络|聊|沟通|找我|详谈|谈|说|继续|搜索|搜|添加|加我|加一下|对接|办理|处理|私聊|发我|发给我)"
    rf"|(?:我|我们|客服|专员)的?(?:个人|私人|工作)?{_APPS}(?:号|id)?(?:是|为|:|：)"
    rf"|(?:联系|联络|找|加入?)[^\n，。]{{0,6}}?{_APPS}|{_APPS}(?:联系我|找我|聊|私聊|详谈|发我|加我)"
)
SECRETS = re.compile(f"{_EN_SECRET}|{_ZH_SECRET}|(?<![a-z0-9])(?:sms|text message)(?![a-z0-9])|短信|简讯")
EN_POLITE = re.compile(
    rf"(?:(?<![a-z0-9])(?:please|pls|plz|kindly|(?:can|could|would|will) (?:you|u)|(?:we|i)(?:'ll|'re|'d| are| will| would)? (?:going to |just |only |still |also )*(?:need|require|want)|"
    rf"required|must|you need to|you have to|go ahead and|quickly|urgently|simply|just)(?![a-z0-9])){_EN_GAP}{_EN_NOUN}"
)
EN_SAFE = re.compile(
    r"(?<![a-z0-9])(?:reset|change|changing|choose|create|set|update|enter|type|use|request|ask for|asks for|check|keep|protect|treat|try|wait|restore|"
    r"remember|cover|hide|remove|block|freeze|unlock|renew|replace|cancel|get a new|get another|report|ignore|delete|look|see|shows?|make sure|"
    r"note|memori[sz]e|store|write down|learn|scan|open|resend|sent|delivered|log in|sign in|hang up)(?![a-z0-9])"
)
"""What people do with a secret by themselves: "please reset your password" asks for nothing."""
ZH_POLITE = re.compile(rf"(?:请|麻烦|烦请|劳烦|帮忙|务必|必须|须|需要|需|要您|方便|可以|能|得){_ZH_GAP}{_ZH_NOUN}")
ZH_SAFE = re.compile(
    r"修改|重置|更新|更改|重设|变更|设置|设定|设个|输入|填写|填|获取|重新|再发|妥善|保管|保护|保存|更换|换|使用|检查|遮|隐藏|盖住|解除|找回|登录|登入|稍等|等待|冻结|挂断|停止|"
    r"完成验证|完成认证|牢记|记住|抄写|页面|是否|收到|接收|查看|查收|留意|注意|解绑|绑定|删除|报警|验证一下是不是"
)
EN_HAND = re.compile(f"{_EN_HAND}|please|pls|kindly")
EN_BARE = re.compile(
    rf"\s*(?:and |plus |also |as well as )?(?:your|the) (?:\w+ ){{0,2}}?{_EN_SECRET}(?: and (?:\w+ ?){{1,3}})?[ .!?]*$"
)
"""A clause that only names a secret: it asks when the sentence around it does."""
SUSPECT = re.compile(r"诈骗|可疑|假冒|钓鱼|suspicious|phishing|fake|scam|fraud")
"""A message that is passed on to us as evidence."""
