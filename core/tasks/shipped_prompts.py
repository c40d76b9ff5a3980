"""The prompts behind the filmstrips in results/published, several kinds of the embedded world.

python -m core filmstrip make --pair tinyworld --prompts shipped --results results/published
"""

from pathlib import Path

from core.tasks.prompt_list import ListedPrompt, read_prompt_list

SHIPPED = "shipped"
PATH = Path(__file__).with_name("shipped_prompts.jsonl")


def shipped_prompts() -> tuple[ListedPrompt, ...]:
    """The list, in its order."""
    return read_prompt_list(PATH.read_text(encoding="utf-8"), "jsonl").prompts
