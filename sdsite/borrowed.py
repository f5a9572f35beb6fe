"""What Django and DRF say to people here. It is gathered with our own, and so said in the same voice."""

from django.utils.translation import gettext_noop as _

SENTENCES = (
    _("Authentication credentials were not provided."),
    _("Could not satisfy the request Accept header."),
    _("Datetime has wrong format. Use one of these formats instead: {format}."),
    _("Ensure this field has at least {min_length} characters."),
    _("Ensure this field has at least {min_length} elements."),
    _("Ensure this field has no more than {max_length} characters."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Ensure this value is greater than or equal to {min_value}."),
    _("Ensure this value is less than or equal to {max_value}."),
    _("A valid integer is required."),
    _("A valid number is required."),
    _("Enter a valid email address."),
    _("This field is required."),
    _("You do not have permission to perform this action."),
)
