"""What ends `./kezhuan match --all` before its end: one sentence each, with the way out."""

from typing import Any

from kezhuan.config.matching_files import Language

_GOES_ON = (
    "已存 {stored}/{shards} 批，再次运行同一命令即从此处继续。",
    "{stored} of {shards} shards are stored, and the same command goes on from there.",
)
TROUBLE = {
    "not-installed": (
        "没有安装 Dask，请改用 --workers，或先执行：.venv/bin/python -m pip install -r requirements-cluster.lock",
        "Dask is not installed; use --workers, or run: .venv/bin/python -m pip install -r requirements-cluster.lock",
    ),
    "no-spark": (
        "没有安装 PySpark；请先执行：.venv/bin/python -m pip install pyspark，或改用 --workers。",
        "PySpark is not installed; run .venv/bin/python -m pip install pyspark, or use --workers.",
    ),
    "no-java": (
        "Spark 启动不了 Java；请安装 Java 17 或更新的版本，并确认 java 命令可用（或设置 JAVA_HOME）。",
        "Spark cannot start Java; install Java 17 or newer and see that the command java works, or set JAVA_HOME.",
    ),
    "unreachable": (
        "连不上调度器 {address}；请检查地址，并确认它在运行。",
        "No scheduler answers at {address}; start it, or correct the address.",
    ),
    "no-workers": (
        "调度器 {address} 没有计算进程；请先启动 dask worker。",
        "The scheduler at {address} has no workers; start dask worker first.",
    ),
    "no-shared-folder": (
        "有计算进程读不到 {store}；请把它放在各台机器都能以同一路径读写的地方。",
        "A worker does not see {store}; put it where all machines can read and write it under the same path.",
    ),
    "workers-lost": (
        f"同一批需求使多个计算进程先后中止，很可能是内存不足；{_GOES_ON[0]}",
        f"The same shard ended several workers, so memory may be short; {_GOES_ON[1]}",
    ),
    "lost": (
        f"与调度器 {{address}} 的连接中断；{_GOES_ON[0]}",
        f"The scheduler at {{address}} was lost; {_GOES_ON[1]}",
    ),
    "process": (
        f"计算进程一再被系统中止，很可能是内存不足；{_GOES_ON[0]}",
        f"Processes were ended by the system again and again, so memory may be short; {_GOES_ON[1]}",
    ),
    "disk": (
        f"写不进 {{store}}（{{reason}}）；{_GOES_ON[0]}",
        f"{{store}} cannot be written to ({{reason}}); {_GOES_ON[1]}",
    ),
    "no-store": (
        "不能建立文件夹 {store}（{reason}）；请用 --store 另指一处。",
        "The folder {store} cannot be made ({reason}); name another one with --store.",
    ),
    "two-rooms": (
        "{file}：{whose} 的各行写有不同的可承接需求数（{first}、{room}）；请写成一致。",
        "{file}: rows of {whose} say that it takes {first} needs, and {room}; make them agree.",
    ),
    "no-kind": (
        "没有“{kind}”这一类供给；--kind 可为：{kinds}。",
        "No kind of supply is called “{kind}”; --kind is one of {kinds}.",
    ),
    "busy": (
        "另一个进程正在使用 {store}；请等它完成。",
        "Another process is using {store}; wait until it is done.",
    ),
}


class Trouble(Exception):
    """What ends the command with exit code 2; `say` gives the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(code)

    def say(self, language: Language) -> str:
        """The sentence, with the way out."""
        return TROUBLE[self.code][0 if language == "zh" else 1].format(**self.params)
