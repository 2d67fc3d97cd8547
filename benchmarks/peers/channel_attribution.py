"""ChannelAttribution 2.2.5: Markov by random walks.

By default it stops walking when ten repetitions differ by less than 5 %, and cuts a walk at the longest path that was
seen. `--tolerance 0.001 --max-step 1000 --threads 2` is as near to the exact answer as it comes in minutes: half a
billion walks, which still left 0.24 %.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ChannelAttribution  # type: ignore[import-not-found]

from benchmarks.peers.paths import Frame, answer


def main() -> None:
    parser = argparse.ArgumentParser(description="ChannelAttribution's Markov model.")
    parser.add_argument("touches", type=Path)
    parser.add_argument("--order", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=0.05)
    parser.add_argument("--max-step", type=int, default=None)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()

    def model(paths: Frame) -> dict[str, float]:
        found = ChannelAttribution.markov_model(
            paths,
            "path",
            "conversions",
            var_null="nulls",
            order=chosen.order,
            conv_par=chosen.tolerance,
            max_step=chosen.max_step,
            ncore=chosen.threads,
            verbose=False,
            flg_pro=False,
        )
        return dict(zip(found["channel_name"], found["total_conversions"], strict=True))

    answer(chosen.touches, ">", model)


if __name__ == "__main__":
    main()
