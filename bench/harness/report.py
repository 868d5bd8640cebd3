"""The results as JSON and as the tables of `docs/benchmarks.md`."""

import json
from pathlib import Path

from .scenarios import SCENARIOS, Scenario

COST = ("peer", "CPU per request", "x {base} (range)", "requests/s", "p99", "memory")
IDLE = ("peer", "start", "idle memory", "each idle connection")
API = ("peer", "first answer", "a page of 100 routers", "/api/rawdata", "p99", "p99, questions to another process",
       "p99, questions to it", "memory")
RELOAD = ("peer", "start", "live after", "CPU", "CPU beside traffic", "lost requests", "memory")


def write(folder: Path, about: dict, rows: list[dict]) -> None:
    """Writes `results.json` and `results.md`."""
    (folder / "results.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    (folder / "results.md").write_text(markdown(about, rows))


def markdown(about: dict, rows: list[dict]) -> str:
    machine, versions = about["machine"], about["versions"]
    parts = [
        f"{machine['date']}, {machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}; "
        f"medians of {about['rounds']} rounds of {about['seconds']} s. "
        + ", ".join(f"{name} {version}" for name, version in versions.items() if version != "-") + ".\n"
    ]
    for scenario in SCENARIOS:
        own = [row for row in rows if row["scenario"] == scenario.name]
        if own:
            parts.append(_table(scenario, own))
    return "\n".join(parts)


def _table(scenario: Scenario, rows: list[dict]) -> str:
    kind = rows[0]
    if "cpu_us" in kind:
        base = next((row["base"] for row in rows if "base" in row), "-")
        header, cells = [title.format(base=base) for title in COST], [_cost_cells(row) for row in rows]
    elif "rawdata_ms" in kind:
        header, cells = API, [_api_cells(row) for row in rows]
    elif "live_ms" in kind:
        header, cells = RELOAD, [_reload_cells(row) for row in rows]
    else:
        header, cells = IDLE, [_idle_cells(row) for row in rows]
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *cells]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"### {scenario.name}: {scenario.title}\n\n{table}\n"


def _cost_cells(row: dict) -> list[str]:
    ratio = f"{row['ratio']:.2f} ({row['ratio_min']:.2f} - {row['ratio_max']:.2f})" if "ratio" in row else "-"
    errors = f" ({row['errors']} errors)" if row["errors"] else ""
    return [row["peer"], f"{row['cpu_us']:.1f} us", ratio, f"{row['requests_per_second']:,.0f}{errors}",
            f"{row['p99_ms']:.2f} ms", f"{row['memory_mb']:.1f} MB"]


def _idle_cells(row: dict) -> list[str]:
    return [row["peer"], f"{row['start_ms']:.0f} ms", f"{row['memory_mb']:.1f} MB", f"{row['kb_per_connection']:.2f} kB"]


def _api_cells(row: dict) -> list[str]:
    return [row["peer"], f"{row['first_ms']:.1f} ms", f"{row['page_ms']:.2f} ms", f"{row['rawdata_ms']:.1f} ms",
            f"{row['quiet_p99_ms']:.2f} ms", f"{row['elsewhere_p99_ms']:.2f} ms", f"{row['asked_p99_ms']:.2f} ms", f"{row['memory_mb']:.1f} MB"]


def _reload_cells(row: dict) -> list[str]:
    return [row["peer"], f"{row['start_ms']:.0f} ms", f"{row['live_ms']:.1f} ms", f"{row['cpu_ms']:.1f} ms",
            f"{row['cpu_traffic_ms']:.1f} ms", f"{row['lost']} of {row['requests']}", f"{row['memory_mb']:.1f} MB"]
