"""What it saves to write all branches of many items in one batch.

    python -m tests.bench.pools            the embedded pair, 8 branches of 32 word problems

Three ways to the same answers in one run on one machine: all pools in one request; one item
after the other; and every branch by itself, its first token given (what `generate` could do).
Prints seconds and ratios. Measures nothing else, and asserts no time.
"""

import time
from dataclasses import replace

from core.engine.pool import PoolRequest
from core.engine.protocol import Prompt
from core.engine.torch_engine import TorchEngine
from core.lam import BASE
from core.settings import read_settings
from core.spec import Decoding
from core.tasks.problems.benchmark import load_benchmark
from core.tasks.problems.load import load_problems
from core.tasks.problems.prompting import Way, plain

ITEMS, BRANCHES, TOKENS = 32, 8, 64


def main() -> None:
    """Print the table."""
    settings = read_settings()
    engine = TorchEngine(settings)
    engine.load("tinyworld")
    loaded = load_problems(load_benchmark("tinyworld-reasoning"), "original", settings)
    way = Way("few-shot-cot", "text")
    prompts = [Prompt(plain(one, way, loaded.examples_for(one))) for one in loaded.problems[:ITEMS]]
    decoding = Decoding(TOKENS, stop=loaded.benchmark.stop)
    asked = [PoolRequest(prompt, branches=BRANCHES) for prompt in prompts]
    engine.pools("tinyworld", BASE, asked[:2], decoding)  # what is done once is done now

    began = time.perf_counter()
    together = engine.pools("tinyworld", BASE, asked, decoding)
    whole = time.perf_counter() - began

    began = time.perf_counter()
    for one in asked:
        engine.pools("tinyworld", BASE, [one], decoding)
    apart = time.perf_counter() - began

    encoder = engine.resident("tinyworld").encoder
    began = time.perf_counter()
    same = 0
    for prompt, pool in zip(prompts, together, strict=True):
        ids = tuple(encoder.encode_prompt(prompt))
        for answer in pool.answers:
            first = tuple(encoder.tokenizer.encode(answer.text, add_special_tokens=False))[:1]
            given = Prompt("", tokens=(*ids, *first))
            rest = replace(decoding, max_new_tokens=TOKENS - 1)
            [told] = engine.generate("tinyworld", BASE, [given], rest)
            same += encoder.decode(list(first)) + told.text == answer.text
    single = time.perf_counter() - began
    n = ITEMS * BRANCHES
    print(f"{n} branches of {ITEMS} items, up to {TOKENS} tokens, one thread where told so")
    print(f"all in one request        {whole:6.1f} s")
    print(f"one item after another    {apart:6.1f} s   {apart / whole:4.1f} times")
    print(f"one branch after another  {single:6.1f} s   {single / whole:4.1f} times")
    print(f"the same text by itself: {same} of {n}")


if __name__ == "__main__":
    main()
