"""The pages of the tours, for members of an institution and on the platform's own host."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from config.stories.shelf import STORIES
from config.stories.telling import tell
from tenants.permissions import Permission
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


def _only_in_a_demo(request):
    """The tours look into several institutions at once: only where all of them are made up."""
    tenant = request.tenant
    if not settings.DEMO_ALLOWED or not (tenant.is_demo or tenant.schema_name == "public"):
        raise Http404(_("Stories are told in the demo only."))


shelf, story = require(Permission.VIEW_STORIES)(_shelf), require(Permission.VIEW_STORIES)(_story)
open_shelf, open_story = open_to_all(_shelf), open_to_all(_story)
