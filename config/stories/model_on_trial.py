"""The models that price assets, judged on time they never saw; what a sample would have missed."""

from collections.abc import Mapping
from math import comb
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories.probes import now, only_a_try, person, today
from config.stories.telling import Fact, Page, Story, StoryStep
from pools.models import AssetResult, ModelState, ModelVersion, ScreeningRun
from pools.screening.wording import CHECKS, VERDICTS
from tenants.problems import Refused

SAMPLE = 100


def _models():
    return ModelVersion.objects.defer("artefact").order_by("trained_at", "id")


def champion() -> ModelVersion | None:
    """Inside the trust: the model in use, or, where none was proven, the first one tried."""
    return _models().filter(state=ModelState.PROMOTED).first() or _models().first()


def biased() -> ModelVersion | None:
    """The one that learned from chosen files: the last that failed, else the last one tried."""
    tried = list(_models())
    failed = [model for model in tried if model.alpha and model.alpha["verdict"] == "fail"]
    return failed[-1] if failed else tried[-1] if len(tried) > 1 else None


def _verdict(report: Mapping[str, Any] | None) -> str:
    if not report:
        return "–"
    return str(VERDICTS.get(report["verdict"], (report["verdict"],))[0])


def _nothing_tried() -> list[Fact]:
    return [Fact(_("Models on trial"), _("none: this book holds too few defaults to learn from"))]


def _by_tenth() -> list[Fact]:
    model = champion()
    if model is None or not model.alpha:
        return _nothing_tried()
    report = model.alpha["probability"]
    deciles = report["deciles"]
    enough = model.alpha["verdict"] != "too_few_events"
    facts = [
        Fact(_("Learned from outcomes known by"), model.trained_as_of.isoformat()),
        Fact(_("Judged on"), " – ".join(model.alpha["window"])),
        Fact(_("Assets and defaults in that year"), f"{report['rows']:,} / {report['events']:,}"),
    ]
    for row in deciles:
        label = _("Tenth {number}: forecast and happened").format(number=int(row["band"]))
        facts.append(Fact(label, f"{row['predicted']:.2%} · {row['realised']:.2%}"))
    ranks = deciles[-1]["realised"] > deciles[0]["realised"]
    facts.append(
        Fact(_("The riskiest tenth was the riskier"), _yes(ranks), holds=ranks if enough else None)
    )
    proven = model.state == ModelState.PROMOTED
    facts += [
        Fact(_("α test"), _verdict(model.alpha), holds=proven if enough else None),
        Fact(_("β test (simulated time)"), _verdict(model.beta)),
    ]
    return facts


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")


def _biased_is_refused() -> list[Fact]:
    """The committee asks for it now, through the real service, and hears why not."""
    model = biased()
    if model is None or not model.alpha:
        return _nothing_tried()
    failed = [check for check in model.alpha["probability"]["checks"] if not check["passed"]]
    facts = [Fact(_("α test"), _verdict(model.alpha)), Fact(_("β test"), _verdict(model.beta))]
    for check in failed:
        words = CHECKS.get(check["name"], check["name"])
        facts.append(Fact(words, f"{check['value']:.2f} ({check['threshold']})"))
    said = _answer_to_promotion(model)
    facts.append(Fact(_("What the committee is told"), said or _("promoted"), holds=bool(said)))
    return facts


def _answer_to_promotion(model: ModelVersion) -> str:
    """The service's words of refusal; empty where it would promote."""
    from pools.model_life.services import promote_model  # heavy libraries come with it

    try:
        with only_a_try():
            promote_model(model=model, by=person("committee1", "trust"), at=now())
    except Refused as refusal:
        return f"{_(refusal.title)} {_(refusal.detail)}"
    return ""


def _answer_to_screening() -> str:
    from pools.screening.services import run_screening

    try:
        with only_a_try():
            run_screening(as_of=today(), at=now(), by=person("analyst", "trust"))
    except Refused as refusal:
        return f"{_(refusal.title)} {_(refusal.detail)}"
    return ""


def chance_of_none(assets: int, bad: int, sample: int = SAMPLE) -> float:
    """Probability that a sample without replacement holds none of the bad (hypergeometric)."""
    if bad > assets - sample:
        return 0.0
    return comb(assets - bad, sample) / comb(assets, sample)


def _sample_and_all() -> list[Fact]:
    """Bad: more than 30 days past due on the day screened, as full coverage finds every one."""
    run = ScreeningRun.objects.order_by("as_of", "at").last()
    if run is None:
        said = _answer_to_screening()
        return [
            Fact(_("Assets screened"), _("none: nothing may be priced before a model is proven")),
            Fact(_("What who screens all the same is told"), said, holds=bool(said)),
        ]
    bad = AssetResult.objects.filter(run=run, days_past_due__gt=30).count()
    none = chance_of_none(run.assets, bad)
    mean = SAMPLE * bad / run.assets
    return [
        Fact(_("Screened on"), run.as_of.isoformat()),
        Fact(_("Assets still open on that day, every one screened"), f"{run.assets:,}"),
        Fact(_("Bad here: more than 30 days past due on that day"), f"{bad:,}", holds=bad > 0),
        Fact(_("A random sample of 100 finds, on average"), f"{mean:.1f}", holds=mean < bad),
        Fact(_("and misses, on average"), f"{bad - mean:,.1f}"),
        Fact(_("Probability that the sample finds none at all"), f"{none:.1%}"),
        *_counted_otherwise(run),
    ]


def _counted_otherwise(run: ScreeningRun) -> list[Fact]:
    """The page of the run's model has another figure of the same name: what it counts as bad."""
    model = _models().get(pk=run.model_id)
    if not model.alpha:
        return []
    sample, window = model.alpha["sample"], model.alpha["window"]
    said = _(
        "{bad} of {assets} assets that were open and had never defaulted on {start} went into"
        " default (more than 90 days past due) by {end}. Of those a random sample of {size} finds"
        " none {none} of the time."
    ).format(
        bad=f"{sample['bad']:,}",
        assets=f"{sample['assets']:,}",
        start=window[0],
        end=window[1],
        size=sample["size"],
        none=f"{sample['share_finding_none']:.0%}",
    )
    return [Fact(_("Bad on the model's own page: new defaults in a year"), said)]


def _page_of(find) -> Any:
    def arguments() -> dict[str, Any] | None:
        model = find()
        return None if model is None else {"model_id": model.pk}

    return arguments


STORY = Story(
    slug="the-model-on-trial",
    title=lazy("The model on trial"),
    lead=lazy(
        "A model may price nothing before it has been judged on time that it never saw, and two"
        " people have agreed."
    ),
    icon="scale",
    steps=(
        StoryStep(
            lazy("Forecast against outcome"),
            lazy(
                "The model learned from what was known a year ago. In ten groups from the safest to"
                " the riskiest: what it forecast for the year after, and what happened."
            ),
            Page("trust", "pools-model", lazy("The model's trial"), _page_of(champion)),
            "trust",
            _by_tenth,
        ),
        StoryStep(
            lazy("A biased model is refused"),
            lazy(
                "This one learned from a lessor's chosen files: seven of ten leases that had gone"
                " bad were kept back. It is judged on the whole book, and a member of the committee"
                " asks for it now."
            ),
            Page("trust", "pools-model", lazy("The biased model's trial"), _page_of(biased)),
            "trust",
            _biased_is_refused,
        ),
        StoryStep(
            lazy("What a sample misses"),
            lazy(
                "An auditor who draws 100 files at random, against a screening that looks at every"
                " asset."
            ),
            Page("trust", "pools-assets", lazy("Every asset"), {}),
            "trust",
            _sample_and_all,
        ),
    ),
)
