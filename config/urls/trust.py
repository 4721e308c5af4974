"""A trust company's host."""

from config.urls.common import room, tenant_patterns

urlpatterns = [
    *tenant_patterns,
    *room("", "pools.urls"),
    *room("watch/", "monitoring.urls"),
    *room("stories/", "config.stories.urls"),
]
