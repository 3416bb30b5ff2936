"""Templates to answers: everything is escaped, and every page knows its reader's words."""

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from deskd.console.context import Context
from deskd.console.download import plain
from deskd.console.said import body, matter, named, ours, said, telling
from deskd.console.words import ago, human, language_of, local, standing, words_of
from deskd.domain.words import Language

HERE = Path(__file__).parent


class Pages:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def show(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        language = reader(request)
        words, now, zone = words_of(language), self._context.clock(), self._context.voice.zone
        given: dict[str, Any] = {
            "t": words,
            "brand": self._context.brand,
            "session": None,
            "zone": zone,
            "path": request.url.path,
            "ago": partial(ago, now=now, words=words),
            "human": partial(human, now=now, words=words),
            "standing": partial(standing, words=words),
            "local": partial(local, zone=zone),
            **{say.__name__: partial(say, words=words) for say in (said, ours, named, matter, body)},
            "telling": telling,
            "plain": plain,
        }
        made = self._templates.get_template(name).render(given | values)
        return HTMLResponse(made, status, {"content-language": words["lang"], "vary": "accept-language"})


def reader(request: Request) -> Language:
    """Whom the page is for: ?lang= in its address, else Accept-Language."""
    return language_of(request.headers.get("accept-language", ""), request.query_params.get("lang", ""))
