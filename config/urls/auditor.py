"""An auditor's host: the ledgers that were shared with it."""

from config.urls.common import room, tenant_patterns

urlpatterns = [*tenant_patterns, *room("stories/", "config.stories.urls")]
