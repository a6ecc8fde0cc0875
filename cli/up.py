"""`guanka up`: the whole service in one command."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.errors import GuankaError
from engine.text import Text
from runtime.address import address_kept
from runtime.child import Spec
from runtime.folder import make_folder
from runtime.prefect_server import check_safe, prefect_environment, server_command
from runtime.settings import BadSetting, Settings
from runtime.supervisor import Supervisor, check_port, hold_alone

if TYPE_CHECKING:
    from runtime.wiring import Parts

Tell = Callable[[Text], None]
OURS: Final = [sys.executable, "-m", "cli.processes"]


class UnsafePrefect(GuankaError):
    """Settings under which strangers could reach Prefect; nothing was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    demo: bool = False
    prefect: bool = True


def up(settings: Settings, wish: Wish, tell: Tell) -> None:
    """Runs until told to stop. Raises GuankaError with nothing left running."""
    _check_ports_differ(settings, wish)
    make_folder(settings.data_dir)
    lock = hold_alone(settings.data_dir)
    try:
        check_port(settings.host, settings.port, "GUANKA_PORT")
        if wish.prefect:
            check_port("127.0.0.1", settings.prefect_port, "GUANKA_PREFECT_PORT")
        environment = _environment(settings, wish)
        with address_kept(settings), _supervised(tell) as supervisor:
            _run(supervisor, settings, wish, environment, tell)
    finally:
        os.close(lock)


def _check_ports_differ(settings: Settings, wish: Wish) -> None:
    """Where they are the same, each would end as soon as the other has the port, for ever."""
    if wish.prefect and settings.port == settings.prefect_port:
        wrong = Text(
            f"与 GUANKA_PORT 同为 {settings.port}；请换一个端口",
            f"the same as GUANKA_PORT ({settings.port}); choose another port",
        )
        raise BadSetting("GUANKA_PREFECT_PORT", wrong)


@contextmanager
def _supervised(tell: Tell) -> Iterator[Supervisor]:
    supervisor = Supervisor(tell)
    supervisor.heed_signals()
    try:
        yield supervisor
    finally:
        if supervisor.stopping:
            tell(Text("正在停止…", "Stopping…"))
        supervisor.end_all()


def _run(
    supervisor: Supervisor, settings: Settings, wish: Wish, environment: Mapping[str, str], tell: Tell
) -> None:
    from runtime.wiring import opened

    web = supervisor.start(_ours("web", settings, environment, go=True))
    with opened(settings, migrate=True) as parts:
        told = _prepare(parts, wish, web.let_go)
    supervisor.await_page(web, f"{settings.local_url}/health")
    if supervisor.stopping:
        return
    _announce(settings, wish, told, tell)
    supervisor.start(_ours("runner", settings, environment))
    if wish.prefect:
        supervisor.start(_prefect(settings, environment))
    supervisor.watch()


def _prepare(parts: "Parts", wish: Wish, go: Callable[[], None]) -> list[Text]:
    """The shipped SOPs and the demonstration; what there is to say about them. The pages come up while
    its cases are made.
    """
    from runtime.shipped import publish_shipped

    published = publish_shipped(parts)
    told = [Text(f"已发布 {len(published)} 个流程", f"{len(published)} SOPs published")] if published else []
    if not wish.demo:
        go()
        return told
    from runtime.demo import open_cases, open_company, people_lines

    fresh = open_company(parts)
    go()
    if fresh:
        open_cases(parts)
        told.append(Text("已写入演示数据", "the demonstration cases are in place"))
    return [*told, *people_lines(parts)]


def _announce(settings: Settings, wish: Wish, told: list[Text], tell: Tell) -> None:
    for each in told:
        tell(each)
    url = settings.local_url
    tell(Text(f"关卡已启动：{url}", f"Guanka is running: {url}"))
    tell(Text(f"  信箱：{url}/mailbox", f"  mailbox: {url}/mailbox"))
    if wish.prefect:
        auth = settings.data_dir / "prefect" / "prefect-auth"
        prefect = f"http://127.0.0.1:{settings.prefect_port}"
        tell(
            Text(
                f"  Prefect（几秒后可用）：{prefect}　登录口令（用户名:密码）见文件 {auth}",
                f"  Prefect (in a few seconds): {prefect}, sign in with the user:password in {auth}",
            )
        )
    if settings.logs_to_files:
        tell(Text(f"  日志：{settings.logs_dir}", f"  logs: {settings.logs_dir}"))
    if settings.links_lead_nowhere:
        tell(_LOOPBACK_LINKS)
    tell(Text("按 Ctrl-C 停止。", "Stop with Ctrl-C."))


_LOOPBACK_LINKS: Final = Text(
    "注意：已设置对外渠道，但 GUANKA_PUBLIC_URL 指向本机，收件人打不开签批链接；请设为他们能访问的网址",
    "Warning: messages leave this machine, but GUANKA_PUBLIC_URL points at it, so nobody else can open"
    " their links;"
    " set it to an address they can reach",
)


def _environment(settings: Settings, wish: Wish) -> dict[str, str]:
    """What every process of ours finds: the settings, and Prefect's own in place of any from outside."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    prefect = prefect_environment(settings.data_dir, settings.prefect_port)
    unsafe = check_safe(prefect)
    if wish.prefect and unsafe:
        zh, en = ("\n".join(each.sentence(language) for each in unsafe) for language in ("zh", "en"))
        raise UnsafePrefect(Text(zh, en))
    own = {"GUANKA_DATA_DIR": str(settings.data_dir), "GUANKA_LANGUAGE": settings.language}
    own |= {"PYTHONUNBUFFERED": "1"}
    if not wish.prefect:
        own["GUANKA_WITHOUT_PREFECT"] = "1"
    return outer | prefect | own


def _ours(name: str, settings: Settings, environment: Mapping[str, str], *, go: bool = False) -> Spec:
    log = settings.logs_dir / f"{name}.log" if settings.logs_to_files else None
    return Spec(name=name, command=[*OURS, name], environment=environment, log=log, go=go)


def _prefect(settings: Settings, environment: Mapping[str, str]) -> Spec:
    """Its own words never come to the terminal: they are many, and help nobody there."""
    log = settings.logs_dir / "prefect.log"
    return Spec(name="prefect", command=server_command(), environment=environment, log=log)
