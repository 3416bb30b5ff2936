"""Words that differ by region, and the ways common words are misspelt, as one table each.

Rows are `said meant`. Keys are in Simplified characters, since the table is applied after OpenCC. The longest key
wins, so a word that contains another is safe when both are listed. Source: everyday usage.
"""

from functools import cache

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_TAIWAN = """
登入 登录|登出 退出登录|签入 登录|储值 充值|加值 充值|提领 提现|领出来 提现出来|简讯 短信|门号 手机号
手机门号 手机号|网路 网络|软体 软件|程式 程序|远端 远程|萤幕 屏幕|荧幕 屏幕|连结 链接|信箱 邮箱|电邮 邮箱|身分 身份
退刷 退款|刷退 退款|退费 退款|回馈 返现|折价券 优惠券|折扣码 优惠码|折价 优惠|超商 便利店|资讯 信息
讯息 消息|品质 质量|支援 支持|汇入 转入|汇出 转出|汇钱 转账
汇款 转账|汇错 转错|汇给 转给|汇了 转了|汇过去 转过去|多汇 多转|少汇 少转|转帐 转账|当机 死机|当掉 死机
读取 加载|跑不出来 加载不出来|点数 积分|行动支付 移动支付|行动条码 付款码
付款条码 付款码|客诉 投诉|重设 重置|重新设定 重置|设定 设置|帐密 账号密码|被骇 被黑
骇客 黑客|骇 黑|诈团 诈骗|车手 骗子|假冒 冒充|影片 视频|画面 页面|滑鼠 鼠标|人脸辨识 人脸识别
脸部辨识 人脸识别|指纹辨识 指纹识别|生物辨识 人脸识别|辨识 识别|健保 医保|客服人员 客服|专员 客服|户头 账户
帐户 账户|帐号 账号|帐单 账单|对帐 对账|到帐 到账|记帐 记账|收帐 收账|帐务 账务|帐目 账目|帐 账
刷不过 刷不了|没进来 没到账|没有进来 没到账|没入 没到账|进来了 到账了|优惠卷 优惠券|折扣卷 优惠券
推荐码 邀请码|新户 新人|首储 首充|卡关 卡住|怪怪的 不对劲|怪怪 不对劲|检举 举报|警示户 冻结账户
警示帐户 冻结账户|提告 起诉|个资 个人信息|存证信函 律师函
"""

_CANTONESE = """
人哋 别人|唔 不|冇 没有|嘅 的|咗 了|哋 们|啲 些|喺 在|嚟 来|俾 给|畀 给|攞 拿|揾 找|搵 找|嗰 那|嘢 东西|佢 他|咁 这么
噉 这样|喇 了|㗎 的|嘞 了|咩 什么|乜嘢 什么|乜 什么|睇 看|晒 完|点解 为什么|点样 怎么|点算 怎么办
几时 什么时候|几耐 多久|几多 多少|边度 哪里|边个 谁|系咪 是不是|系唔系 是不是
唔系 不是|系 是|系统 系统|联系 联系|关系 关系|体系 体系|系列 系列|而家 现在|依家 现在|宜家 现在|家阵 现在
琴日 昨天|寻日 昨天|琴晚 昨晚|寻晚 昨晚|听日 明天|今日 今天|头先 刚才|啱啱 刚刚|啱先 刚才|今朝 今早
呃人 骗人|呃钱 骗钱|呃咗 骗了|呃晒 骗光|呃徒 骗子|老千 骗子|骗徒 骗子|过数 转账|过错数 转错账
过错咗数 转错账|过咗数 转了账|找唔到 找不到|增值 充值|增值服务 增值服务|唔见 丢
唔见咗 丢了|冇咗 没了|跌咗 丢了|畀人偷 被偷|俾人偷 被偷|俾人呃 被骗|畀人呃 被骗|比人呃 被骗|被人呃 被骗
俾人 被人|畀人 被人|俾你哋 被你们|畀你哋 被你们|俾人扑 被人打|户口 账户|户籍户口 户籍
银行户口 银行账户|转数快 转账|碌卡 刷卡|拍卡 刷卡|撳 点|揿 点|撳入去 点进去|揿入去 点进去|开唔到 打不开
收唔到 收不到|用唔到 用不了|入唔到 进不去|搞掂 解决|搞唔掂 解决不了|好嬲 生气|好劲 很棒|多谢 谢谢
唔该晒 谢谢|唔该 麻烦|多谢晒 谢谢|快啲 快点|即刻 立刻|成日 一直|成个 整个|净系 只是|淨系 只是|仲未 还没
仲系 还是|仲 还|重未 还没|未得 还不行|唔得 不行|得唔得 行不行|蚊 块|手提电话 手机|电话号码 手机号|手提 手机
短讯 短信|结余 余额|提款 提现|拎钱 提现|拎返 拿回|攞返 拿回|攞钱 提现|攞唔到 拿不到
拎唔到 拿不到|退返 退回|退钱 退款|退翻 退回|俾返 退回|畀返 退回|冻结咗 冻结了|锁咗 锁了|唔记得 忘记
唔记得咗 忘记了|唔识 不会|唔知 不知道|唔想做人 不想活|话系 说是|话佢 说他|话俾 说给|屋企 家里|点会 怎么会|唔啱 不对
啱数 对数|得返 只剩|净返 只剩|剩返 只剩|好彩 幸好|抵赞 点赞|提我 提醒我|粒钟 小时|唔想生存 不想活|唔想活 不想活
"""

# Where a short word of the tables above would be found inside a longer one that means something else.
_LEFT_ALONE = """
喇叭|蚊子|返利|返现|返还|返回|返佣|返程|仲裁|通过数|超过数|经过数|增值税|完成日|户口本|户口簿|加值得|星系|系数|派系|系主任|呃呃|维系
点解除|点解锁|点解冻|点解绑|点解封|点解开|点解约
"""

_MISSPELT_HAN = """
登陆 登录|登路 登录|验正码 验证码|验证玛 验证码|验证吗 验证码|验政码 验证码|洞结 冻结|冻洁 冻结
冻节 冻结|解洞 解冻|提先 提现|体现到 提现到|充直 充值|冲值 充值|充植 充值|冲钱 充值
退宽 退款|退狂 退款|手续废 手续费|手序费 手续费|服务废 服务费|密玛 密码|密马 密码|消西 消息|邮建 邮件|提教 提交
没反映 没反应|远成 远程|秘码 密码|蜜码 密码
忘计 忘记|望记 忘记|诈片 诈骗|骗字 骗子|被片 被骗|绑订 绑定|帮定 绑定|邦定 绑定|榜定 绑定|支负 支付
支复 支付|注削 注销|祝册 注册|住册 注册|注测 注册|时名认证 实名认证
人连识别 人脸识别|转帐 转账|余鹅 余额|于额 余额
徐额 余额|限鹅 限额|金饿 金额|客负 客服|客符 客服|课服 客服|投诉诉 投诉|头诉 投诉|偷诉 投诉|盗涮 盗刷
倒刷 盗刷|举抱 举报|联结 链接|扣宽 扣款|收宽 收款|付宽 付款|汇宽 转账|汇钱 转账|打款 转账
汇款 转账|怎嘛 怎么|咋 怎么|咋办 怎么办|肿么 怎么|为啥 为什么|为毛 为什么|木有 没有|米有 没有|莫有 没有
时侯 时候|在那里 在哪里|闪腿 闪退|闪推 闪退|奔溃 崩溃|蹦溃 崩溃
"""

# Real words one slip away from these are left alone, whatever the distance.
_SPELT = """
account accounts address agent application arrived authorise authorize balance blocked business cancel cancelled
captcha cashier change changed charge charged charges coupon complain complaint complaints convert crashes crashing
currency
customer declined deducted double deduct delayed delete deposit details different disappeared document duplicate email
exchange expired failed failing forgot forgotten freeze frozen hacked identity incorrect install installed
investment journalist language limited locked lawyer merchant message missing mistake mobile number passport password
payment payments pending permission personal phishing please police problem promotion purchase receive received
recipient recognise recognize refund refunded refunds register registered registration reject rejected remote
restricted reversed review salary scammed scammer scammers screen security service shipping shopping signed someone
statement
stolen strange stranger suggestion support suspended suspicious telephone terrible thanks transaction transactions
transfer transferred transfers unauthorised unauthorized unblock unlock unknown update username verification verified
verify wallet website whatsapp withdraw withdrawal withdrawals without worried wrong didnt doesnt
"""

_NOT_SLIPS = """
accounting agents charger changed chance change chances changes charge charges coupons deposits form forms looked
licked personals prising purchased register registry servicer unlocked verifies mobiles numbers screens wither
addresses massage massages strangers wallets websites emails updates updated received receives deleted
"""


# Said so on a phone's keyboard; whole words, like slips.
_CHAT = """
some1 someone|sum1 someone|sumone someone|any1 anyone|every1 everyone|no1 nobody|acct account|accnt account|bort bought
havnt havent|dident didnt|wasent wasnt|couldent couldnt|wierd weird|fone phone|fones phones|passwrd password
passcod passcode|txt text|txts texts|msg message|msgs messages|pymt payment|pmt payment|becoz because|cuz because
"""


@cache
def table() -> dict[str, str]:
    """Simplified word → the mainland word, or the right spelling."""
    rows: dict[str, str] = {}
    for block in (_TAIWAN, _CANTONESE, _MISSPELT_HAN):
        for entry in block.replace("\n", "|").split("|"):
            if entry:
                said, meant = entry.split(" ")
                rows[said] = meant
    rows.update({word: word for word in _LEFT_ALONE.strip().replace("\n", "|").split("|")})
    return rows


@cache
def misspelt() -> dict[str, str]:
    """Latin word with one slip (a letter left out, doubled, or two swapped) → the word."""
    known = set(_SPELT.split()) | set(_NOT_SLIPS.split())
    rows: dict[str, str] = {}
    for word in _SPELT.split():
        if len(word) < 6:
            continue
        for slip in _slips(word):
            if slip not in known:
                rows.setdefault(slip, word)
    for entry in _CHAT.strip().replace("\n", "|").split("|"):
        said, meant = entry.split(" ")
        rows[said] = meant
    return rows


def _slips(word: str) -> set[str]:
    places = range(len(word))
    left_out = {word[:i] + word[i + 1 :] for i in places[1:]}
    doubled = {word[:i] + word[i] + word[i:] for i in places}
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in places[1:-1]}
    # A wrong vowel makes a short word another word: thanks, thinks.
    unsure = places[1:] if len(word) >= 8 else ()
    vowels = {word[:i] + v + word[i + 1 :] for i in unsure if word[i] in "aeiou" for v in "aeiou"}
    return {slip for slip in left_out | doubled | swapped | vowels if len(slip) >= 5} - {word}
