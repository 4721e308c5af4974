"""A lessor's host."""

from config.urls.common import room, tenant_patterns

urlpatterns = [
    *tenant_patterns,
    *room("", "origination.urls"),
    *room("deals/", "pools.lessor_urls"),
    *room("watch/", "monitoring.lessor_urls"),
    *room("", "mobile_api.urls"),
    *room("stories/", "config.stories.urls"),
]
