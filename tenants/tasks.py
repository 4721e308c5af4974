"""What a killed process left undone is taken up again, whatever job it was."""

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

log = structlog.get_logger("jobs")
#: How often a job may be taken up: one that kills its process each time is given up.
_MOST_ATTEMPTS = 5


async def take_up(manager: JobManager) -> int:
    """Jobs whose worker is gone wait again, and their locks no longer stop others; how many did."""
    taken = 0
    for job in await manager.get_stalled_jobs():
        if job.attempts >= _MOST_ATTEMPTS:
            log.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts)
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # the same job was enqueued again meanwhile
            await manager.finish_job(job, Status.ABORTED, delete_job=True)
        log.warning("job_taken_up", job=job.id, task=job.task_name)
        taken += 1
    return taken


@app.periodic(cron="* * * * *")
@app.task(name="tenants.take_up_stalled_jobs", queueing_lock="stalled-jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute."""
    await take_up(context.app.job_manager)
