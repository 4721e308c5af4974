"""What a story is made of: steps, each with a link to the real page and facts read when shown.

No figure of a story is written down anywhere: `facts` asks the institution's own selectors at the
moment the page is shown. A step whose facts hold is `proved`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from config.stories.probes import demo_tenant, inside, one_telling
from tenants.middleware import URLCONF_OF_KIND
from tenants.models import Tenant
from tenants.permissions import Kind

Text = Any  # a lazily translated string


@dataclass(frozen=True)
class Fact:
    """One live figure or sentence. `holds` is None where there is nothing to prove."""

    label: Text
    value: Text
    holds: bool | None = None


@dataclass(frozen=True)
class Page:
    """A page of an institution: `arguments` may be a function, asked inside the institution."""

    institution: str
    url_name: str
    label: Text
    arguments: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class Act:
    """Something that the reader can do to the demo: a button, by the name in `Story.acts`."""

    name: str
    label: Text


@dataclass(frozen=True)
class StoryStep:
    """One step: what to see, where, and what is read live inside `institution`. `act` says what
    can be done now."""

    title: Text
    text: Text
    page: Page | None = None
    institution: str = ""
    facts: Callable[[], list[Fact]] | None = None
    act: Callable[[], Act | None] | None = None


@dataclass(frozen=True)
class Story:
    """One tour. `acts` do what a button says, in the demo only, and answer with what was done."""

    slug: str
    title: Text
    lead: Text
    icon: str
    steps: tuple[StoryStep, ...]
    acts: Mapping[str, Callable[[], Text]] = field(default_factory=dict)


@dataclass(frozen=True)
class ToldStep:
    """A step as it is shown: facts read, link made."""

    number: int
    title: Text
    text: Text
    facts: list[Fact]
    url: str
    link_label: Text
    host: str
    institution: Tenant | None
    act: Act | None

    @property
    def proved(self) -> bool | None:
        """True where every provable fact holds, False where one does not, None with none."""
        provable = [fact.holds for fact in self.facts if fact.holds is not None]
        return all(provable) if provable else None


def tell(story: Story, *, scheme: str = "http", port: str = "") -> list[ToldStep]:
    """Read every step of a story now."""
    with one_telling():
        return [
            _tell_step(number, step, scheme, port) for number, step in enumerate(story.steps, 1)
        ]


def _tell_step(number: int, step: StoryStep, scheme: str, port: str) -> ToldStep:
    facts = inside(step.institution, step.facts) if step.facts else []
    url = _address(step.page, scheme, port) if step.page else ""
    return ToldStep(
        number=number,
        title=step.title,
        text=step.text,
        facts=facts or [],
        url=url,
        link_label=step.page.label if step.page else "",
        host=step.page.institution if step.page else "",
        institution=demo_tenant(step.page.institution) if step.page else None,
        act=step.act() if step.act else None,
    )


def _address(page: Page, scheme: str, port: str) -> str:
    tenant = demo_tenant(page.institution)
    if tenant is None:
        return ""
    arguments = page.arguments
    if callable(arguments):
        arguments = inside(page.institution, arguments)
        if arguments is None:
            return ""
    try:
        urlconf = URLCONF_OF_KIND[Kind(tenant.kind)]
        path = reverse(page.url_name, urlconf=urlconf, kwargs=dict(arguments))
    except NoReverseMatch:
        return ""
    host = f"{page.institution}.{settings.PLATFORM_DOMAIN}"
    return f"{scheme}://{host}{f':{port}' if port else ''}{path}"
