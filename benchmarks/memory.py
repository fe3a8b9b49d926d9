"""Peak memory of a worker that syncs 100,000 documents, against one that syncs 2,000: it must hardly grow."""

from __future__ import annotations

from benchmarks.engine import measure
from benchmarks.setting import company, database, twin


def main(documents: int = 100_000, few: int = 2_000) -> None:
    with database(), twin() as made:
        small = measure(company(made, few, "memory-small").slug, made.url)
        large = measure(company(made, documents, "memory-large").slug, made.url)
        print(f"{few:,} documents     {small['records']:,} records, peak {small['megabytes']:.0f} MB")
        print(f"{documents:,} documents  {large['records']:,} records, peak {large['megabytes']:.0f} MB")
        more = large["megabytes"] / small["megabytes"]
        print(f"ratio       {more:.2f} times the memory for {documents // few} times the documents")
        rate = large["records"] / (large["seconds"] - large["waited"])
        print(f"engine      {rate:,.0f} records/s without the network at that size")
