"""How keeping can fail, said in one sentence. A face answers the passing ones with 503 and asks to try
again.
"""

from engine.errors import GuankaError
from engine.text import Text


class StoreUnavailable(GuankaError):
    """Nothing was saved and nothing is wrong with the request: the same command with the same key may be
    sent again.
    """

    retry_after_seconds = 2


class StoreBusy(StoreUnavailable):
    """Others held the database for longer than a command may wait."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "数据库正忙，请稍后重试；本次操作未保存",
                "the database is busy; nothing was saved, try again shortly",
            )
        )


class StoreFull(StoreUnavailable):
    retry_after_seconds = 60

    def __init__(self) -> None:
        super().__init__(
            Text(
                "磁盘空间不足，无法保存；请管理员清理磁盘，腾出空间后自动恢复",
                "the disk is full and nothing can be saved; free some space, no restart is needed",
            )
        )


class StoreFailing(StoreUnavailable):
    """The disk or the database server answers with errors; `detail` is what it said."""

    retry_after_seconds = 10

    def __init__(self, detail: str) -> None:
        super().__init__(
            Text(
                f"数据库出错，本次操作未确认：{detail}；请检查磁盘或数据库服务",
                f"the database fails, nothing is confirmed: {detail}; check the disk or the database server",
            )
        )
        self.detail = detail


class StoreDamaged(GuankaError):
    """The file is no database, or a torn one."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(
            Text(
                f"{where} 不是完好的数据库（{detail}）；请用备份恢复：guanka restore",
                f"{where} is not a sound database ({detail}); restore a backup with guanka restore",
            )
        )
        self.where, self.detail = where, detail


class SchemaRefused(GuankaError):
    """The database holds something else than this version can work with; `found` is what stands in it."""

    def __init__(self, message: Text, found: str) -> None:
        super().__init__(message)
        self.found = found


class UnknownDefinition(GuankaError):
    def __init__(self, digest: str) -> None:
        super().__init__(
            Text(
                f"找不到版本 {digest[:12]} 的 SOP；请先发布该 SOP",
                f"no published SOP has the hash {digest[:12]}; publish it first",
            )
        )
        self.digest = digest


class StillOpen(GuankaError):
    """What belongs to a case may be erased only after it has ended."""

    def __init__(self, case_id: str) -> None:
        super().__init__(
            Text(
                f"案例 {case_id} 尚未结束，不能抹除其内容；请先关闭或取消",
                f"case {case_id} has not ended, so its contents cannot be erased; close or cancel it first",
            )
        )
        self.case_id = case_id
