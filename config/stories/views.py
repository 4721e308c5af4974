"""The pages of the tours, for members of an institution and on the platform's own host."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.stories.shelf import STORIES
from config.stories.telling import tell
from tenants.permissions import Permission
from tenants.problems import Refused
from tenants.web import open_to_all, require


def _shelf(request):
    _only_in_a_demo(request)
    return render(request, "stories/shelf.html", {"stories": STORIES.values()})


def _story(request, slug):
    _only_in_a_demo(request)
    story = STORIES.get(slug)
    if story is None:
        raise Http404(_("There is no such story."))
    steps = tell(story, scheme=request.scheme, port=request.get_port())
    others = [other for other in STORIES.values() if other is not story]
    return render(request, "stories/story.html", {"story": story, "steps": steps, "others": others})


@require_POST
def _act(request, slug, name):
    """Do to the demo what a button of a story says."""
    _only_in_a_demo(request)
    story = STORIES.get(slug)
    if story is None or name not in story.acts:
        raise Http404(_("There is no such story."))
    try:
        messages.success(request, str(story.acts[name]()))
    except Refused as refusal:
        messages.error(request, f"{refusal.text('detail', _)} {refusal.text('mend', _)}")
    return redirect("stories:story", slug)


def _only_in_a_demo(request):
    """The tours look into several institutions at once: only where all of them are made up."""
    tenant = request.tenant
    if not settings.DEMO_ALLOWED or not (tenant.is_demo or tenant.schema_name == "public"):
        raise Http404(_("Stories are told in the demo only."))


shelf, story, act = (require(Permission.VIEW_STORIES)(view) for view in (_shelf, _story, _act))
open_shelf, open_story, open_act = (open_to_all(view) for view in (_shelf, _story, _act))
