"""Where results, state and pairs lie, and which versions are installed, in words for a page."""

from core.settings import PUBLISHED, Settings
from core.store.environment import read_environment


def surroundings(where: Settings) -> dict[str, str]:
    """Label → place or version; a package that is missing is told as not installed."""
    here = read_environment("")
    packages = {name: version or "not installed" for name, version in here.packages.items()}
    return {
        "Results": str(where.results),
        "Published results": str(PUBLISHED),
        "State and engine log": str(where.state),
        "Own pairs": str(where.pairs_file),
        "Python": f"{here.python} on {here.platform}",
        **packages,
    }
