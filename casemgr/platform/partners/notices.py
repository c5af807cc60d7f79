"""What people who look after a partner are told."""

from django.utils.translation import gettext_lazy as _

from casemgr.platform.notify.kinds import Kind, register

register(
    Kind(
        "webhook_disabled",
        subject=_("Nothing is sent to one of your addresses any more"),
        body=_(
            "For three days one of your organisation's addresses took none of the events that we "
            "sent, or it said that it is gone. We send nothing there until you switch it on again. "
            "The feed of events has all that was missed in the last month."
        ),
        page="partners",
    )
)
