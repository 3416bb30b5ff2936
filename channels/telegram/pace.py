"""How fast one bot may speak (CHANNELS T7). Arithmetic only: times are seconds of the caller's own clock."""

CHAT_SECONDS = 1.0  # between two messages to one chat
BOT_SECONDS = 1 / 30  # between two messages of one bot
CHATS = 1000  # remembered at once; those whose second is over are let go


class Pace:
    """A chat waits for its own turn first and then for the bot's, so that a slow chat holds up no other."""

    def __init__(self) -> None:
        self._chats: dict[str, float] = {}
        self._bot = self._held = 0.0

    def chat(self, chat: str, now: float) -> float:
        """Seconds until this chat may have its next message, which is taken as sent then."""
        if len(self._chats) >= CHATS:
            self._chats = {one: free for one, free in self._chats.items() if free > now}
        at = max(now, self._chats.get(chat, 0.0))
        self._chats[chat] = at + CHAT_SECONDS
        return at - now

    def bot(self, now: float) -> float:
        """The same for the bot as a whole."""
        at = max(now, self._bot)
        self._bot = at + BOT_SECONDS
        return at - now

    def hold(self, seconds: float, now: float) -> None:
        """Telegram wants silence of the whole bot."""
        self._held = max(self._held, now + seconds)

    def held(self, now: float) -> float:
        """Seconds of that silence that are left."""
        return max(0.0, self._held - now)
