"""Codes of docs/vocabularies.md with their labels, as the database and the API use them."""

from django.db import models
from django.utils.translation import pgettext_lazy


class PlaceType(models.TextChoices):
    """The list "place_type"."""

    HOME = "home", pgettext_lazy("place_type", "home")
    OUTSIDE_HOME = "outside_home", pgettext_lazy("place_type", "just outside the home")
    STREET = "street", pgettext_lazy("place_type", "street")
    MARKET = "market", pgettext_lazy("place_type", "market")
    SHOP = "shop", pgettext_lazy("place_type", "shop or supermarket")
    SCHOOL = "school", pgettext_lazy("place_type", "school or the way to it")
    HOSPITAL = "hospital", pgettext_lazy("place_type", "hospital or clinic")
    TRANSPORT_HUB = "transport_hub", pgettext_lazy("place_type", "station or other transport hub")
    URBAN_RURAL_FRINGE = (
        "urban_rural_fringe",
        pgettext_lazy("place_type", "settlement at the city's edge"),
    )
    PARK = "park", pgettext_lazy("place_type", "park")
    WORKPLACE = "workplace", pgettext_lazy("place_type", "the parents' workplace")
    ONLINE = "online", pgettext_lazy("place_type", "met online")
    OTHER = "other", pgettext_lazy("place_type", "other")
    UNKNOWN = "unknown", pgettext_lazy("place_type", "I don't know")


class Circumstance(models.TextChoices):
    """The list "circumstance"."""

    LURED = "lured", pgettext_lazy("circumstance", "lured or deceived")
    ACQUAINTANCE = "acquaintance", pgettext_lazy("circumstance", "a trusted acquaintance")
    PROMISE = "promise", pgettext_lazy("circumstance", "promise of care or work")
    IMPOSTOR = "impostor", pgettext_lazy("circumstance", "impostor, such as a false nurse")
    STEALTH = "stealth", pgettext_lazy("circumstance", "taken by stealth")
    FORCE = "force", pgettext_lazy("circumstance", "taken by force")
    SEDATED = "sedated", pgettext_lazy("circumstance", "sedated")
    SOLD_BY_RELATIVE = "sold_by_relative", pgettext_lazy("circumstance", "sold by a relative")
    ABANDONED = "abandoned", pgettext_lazy("circumstance", "abandoned")
    RAN_AWAY = "ran_away", pgettext_lazy("circumstance", "ran away")
    LOST = "lost", pgettext_lazy("circumstance", "lost the way")
    CUSTODY_DISPUTE = "custody_dispute", pgettext_lazy("circumstance", "custody dispute")
    DISASTER = "disaster", pgettext_lazy("circumstance", "disaster")
    OTHER = "other", pgettext_lazy("circumstance", "other")
    UNKNOWN = "unknown", pgettext_lazy("circumstance", "I don't know")


class ChildSituation(models.TextChoices):
    """The list "child_situation"."""

    LOCAL = "local", pgettext_lazy("child_situation", "local resident")
    MIGRANT = "migrant", pgettext_lazy("child_situation", "migrant workers' child")
    LEFT_BEHIND = "left_behind", pgettext_lazy("child_situation", "left-behind child")
    INSTITUTION = "institution", pgettext_lazy("child_situation", "in institutional care")
    NEWBORN = "newborn", pgettext_lazy("child_situation", "newborn in hospital")
    OTHER = "other", pgettext_lazy("child_situation", "other")
    UNKNOWN = "unknown", pgettext_lazy("child_situation", "I don't know")


class Situation(models.TextChoices):
    """The list "situation"."""

    WITH_FAMILY = "with_family", pgettext_lazy("situation", "living with a family")
    INFORMAL_ADOPTION = (
        "informal_adoption",
        pgettext_lazy("situation", "taken in or adopted without papers"),
    )
    BEGGING = "begging", pgettext_lazy("situation", "begging")
    PEDDLING = "peddling", pgettext_lazy("situation", "peddling")
    PERFORMING = "performing", pgettext_lazy("situation", "performing")
    FORCED_THEFT = "forced_theft", pgettext_lazy("situation", "made to steal")
    LABOUR = "labour", pgettext_lazy("situation", "working")
    CHILD_BRIDE = "child_bride", pgettext_lazy("situation", "child bride")
    EXPLOITATION = (
        "exploitation",
        pgettext_lazy("situation", "sexual exploitation (reviewers only)"),
    )
    WITH_ADULTS = "with_adults", pgettext_lazy("situation", "in the company of adults")
    ALONE = "alone", pgettext_lazy("situation", "alone")
    IN_INSTITUTION = "in_institution", pgettext_lazy("situation", "in an institution")
    ONLINE_POST = "online_post", pgettext_lazy("situation", "in an online post")
    ABROAD = "abroad", pgettext_lazy("situation", "abroad")
    OTHER = "other", pgettext_lazy("situation", "other")
    UNKNOWN = "unknown", pgettext_lazy("situation", "I don't know")


class TimelineKind(models.TextChoices):
    """The list "timeline kind"."""

    DISAPPEARANCE = "disappearance", pgettext_lazy("timeline kind", "disappearance")
    SIGHTING = "sighting", pgettext_lazy("timeline kind", "sighting")
    TRANSFER = "transfer", pgettext_lazy("timeline kind", "moved on")
    HARBOURING = "harbouring", pgettext_lazy("timeline kind", "kept somewhere")
    SALE = "sale", pgettext_lazy("timeline kind", "sold")
    HOUSEHOLD_REGISTRATION = (
        "household_registration",
        pgettext_lazy("timeline kind", "entered in a household register"),
    )
    INSTITUTIONAL_ADMISSION = (
        "institutional_admission",
        pgettext_lazy("timeline kind", "admitted to an institution"),
    )
    RESCUE = "rescue", pgettext_lazy("timeline kind", "rescued")
    DNA_SAMPLE = "dna_sample", pgettext_lazy("timeline kind", "DNA sample taken")
    IDENTIFICATION = "identification", pgettext_lazy("timeline kind", "identified")
    REUNION = "reunion", pgettext_lazy("timeline kind", "reunited")
    NOTE = "note", pgettext_lazy("timeline kind", "note")


class MarkKind(models.TextChoices):
    """The list "mark kind"."""

    SCAR = "scar", pgettext_lazy("mark kind", "scar")
    BIRTHMARK = "birthmark", pgettext_lazy("mark kind", "birthmark")
    MOLE = "mole", pgettext_lazy("mark kind", "mole")
    TATTOO = "tattoo", pgettext_lazy("mark kind", "tattoo")
    BURN = "burn", pgettext_lazy("mark kind", "burn")
    DENTAL = "dental", pgettext_lazy("mark kind", "teeth")
    EXTRA_OR_MISSING_DIGIT = (
        "extra_or_missing_digit",
        pgettext_lazy("mark kind", "extra or missing finger or toe"),
    )
    DISABILITY = "disability", pgettext_lazy("mark kind", "disability")
    SURGICAL = "surgical", pgettext_lazy("mark kind", "surgical scar")
    OTHER = "other", pgettext_lazy("mark kind", "other")


class BodyPart(models.TextChoices):
    """The list "body_part"."""

    HEAD = "head", pgettext_lazy("body_part", "head")
    HAIR_WHORL = "hair_whorl", pgettext_lazy("body_part", "hair whorl")
    FOREHEAD = "forehead", pgettext_lazy("body_part", "forehead")
    EYEBROW = "eyebrow", pgettext_lazy("body_part", "eyebrow")
    EYE = "eye", pgettext_lazy("body_part", "eye")
    EAR = "ear", pgettext_lazy("body_part", "ear")
    NOSE = "nose", pgettext_lazy("body_part", "nose")
    MOUTH = "mouth", pgettext_lazy("body_part", "mouth")
    CHEEK = "cheek", pgettext_lazy("body_part", "cheek")
    CHIN = "chin", pgettext_lazy("body_part", "chin")
    FACE = "face", pgettext_lazy("body_part", "face, elsewhere")
    NECK = "neck", pgettext_lazy("body_part", "neck")
    COLLARBONE = "collarbone", pgettext_lazy("body_part", "collarbone")
    SHOULDER = "shoulder", pgettext_lazy("body_part", "shoulder")
    CHEST = "chest", pgettext_lazy("body_part", "chest")
    BACK = "back", pgettext_lazy("body_part", "back")
    ABDOMEN = "abdomen", pgettext_lazy("body_part", "abdomen")
    WAIST = "waist", pgettext_lazy("body_part", "waist")
    ARM = "arm", pgettext_lazy("body_part", "arm")
    ELBOW = "elbow", pgettext_lazy("body_part", "elbow")
    HAND = "hand", pgettext_lazy("body_part", "hand")
    FINGER = "finger", pgettext_lazy("body_part", "finger")
    BUTTOCK = "buttock", pgettext_lazy("body_part", "buttock")
    LEG = "leg", pgettext_lazy("body_part", "leg")
    KNEE = "knee", pgettext_lazy("body_part", "knee")
    FOOT = "foot", pgettext_lazy("body_part", "foot")
    TOE = "toe", pgettext_lazy("body_part", "toe")
    OTHER = "other", pgettext_lazy("body_part", "other")


class Side(models.TextChoices):
    """The list "side"."""

    LEFT = "left", pgettext_lazy("side", "left")
    RIGHT = "right", pgettext_lazy("side", "right")
    MIDDLE = "middle", pgettext_lazy("side", "middle")
    BOTH = "both", pgettext_lazy("side", "both")


class OutcomeKind(models.TextChoices):
    """The list "outcome kind"."""

    REUNITED = "reunited", pgettext_lazy("outcome kind", "reunited")
    LOCATED_IN_CARE = "located_in_care", pgettext_lazy("outcome kind", "located and in care")
    DECLINES_CONTACT = (
        "declines_contact",
        pgettext_lazy("outcome kind", "located, declines contact"),
    )
    RESCUED_FAMILY_UNKNOWN = (
        "rescued_family_unknown",
        pgettext_lazy("outcome kind", "rescued, family unknown"),
    )
    RUNAWAY_RETURNED = "runaway_returned", pgettext_lazy("outcome kind", "ran away and returned")
    DECEASED_ACCIDENT = "deceased_accident", pgettext_lazy("outcome kind", "died by accident")
    DECEASED_OTHER = "deceased_other", pgettext_lazy("outcome kind", "died")
    FAMILY_DISPUTE = "family_dispute", pgettext_lazy("outcome kind", "family dispute")
    REPORTED_IN_ERROR = "reported_in_error", pgettext_lazy("outcome kind", "reported in error")
    FALSE_REPORT = "false_report", pgettext_lazy("outcome kind", "false report")
    WITHDRAWN = "withdrawn", pgettext_lazy("outcome kind", "withdrawn")
    MERGED = "merged", pgettext_lazy("outcome kind", "merged into another case")


class IdentityEstablishedBy(models.TextChoices):
    """The list "identity_established_by"."""

    DNA = "dna", pgettext_lazy("identity_established_by", "DNA")
    POLICE = "police", pgettext_lazy("identity_established_by", "police confirmation")
    DOCUMENTS = "documents", pgettext_lazy("identity_established_by", "documents")
    BIOMETRIC_REVIEW = (
        "biometric_review",
        pgettext_lazy("identity_established_by", "biometric review (never enough alone)"),
    )
    SELF = (
        "self",
        pgettext_lazy("identity_established_by", "self-identification (never enough alone)"),
    )


class Obstacle(models.TextChoices):
    """The list "obstacle"."""

    LOCAL_OBSTRUCTION = "local_obstruction", pgettext_lazy("obstacle", "local obstruction")
    FALSE_REGISTRATION = (
        "false_registration",
        pgettext_lazy("obstacle", "false household registration"),
    )
    FAMILY_UNKNOWN = "family_unknown", pgettext_lazy("obstacle", "family unknown")
    NO_FUNDS = "no_funds", pgettext_lazy("obstacle", "no funds")
    CROSS_PROVINCE = "cross_province", pgettext_lazy("obstacle", "cross-province inquiry")
    BUYER_FAMILY_RESISTS = (
        "buyer_family_resists",
        pgettext_lazy("obstacle", "the family that bought resists"),
    )
    OWN_WISH = "own_wish", pgettext_lazy("obstacle", "the child's or adult's own wish")
    OTHER = "other", pgettext_lazy("obstacle", "other")


class LinkKind(models.TextChoices):
    """The list "link"."""

    DUPLICATE = "duplicate", pgettext_lazy("link", "duplicate")
    SIBLING = "sibling", pgettext_lazy("link", "sibling")
    SAME_INCIDENT = "same_incident", pgettext_lazy("link", "same incident")


class Sex(models.TextChoices):
    """Sex of the person."""

    FEMALE = "female", pgettext_lazy("sex", "girl")
    MALE = "male", pgettext_lazy("sex", "boy")
    UNKNOWN = "unknown", pgettext_lazy("sex", "not known")


class CaseStatus(models.TextChoices):
    """Where a case stands."""

    DRAFT = "draft", pgettext_lazy("case status", "draft")
    SUBMITTED = "submitted", pgettext_lazy("case status", "submitted")
    VERIFIED = "verified", pgettext_lazy("case status", "verified")
    OPEN = "open", pgettext_lazy("case status", "open")
    LOCATED = "located", pgettext_lazy("case status", "located")
    CLOSED = "closed", pgettext_lazy("case status", "closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("case status", "withdrawn")
    MERGED = "merged", pgettext_lazy("case status", "merged")


class SightingKind(models.TextChoices):
    """Who saw the child, or is one."""

    STREET = "street", pgettext_lazy("sighting kind", "seen in the street")
    INSTITUTION = "institution", pgettext_lazy("sighting kind", "in an institution")
    SEEKER = "seeker", pgettext_lazy("sighting kind", "looking for my family")
    ONLINE = "online", pgettext_lazy("sighting kind", "seen online")


class PhotoStatus(models.TextChoices):
    """How far a photo has come."""

    RECEIVED = "received", pgettext_lazy("photo status", "received")
    PROCESSING = "processing", pgettext_lazy("photo status", "being worked on")
    READY = "ready", pgettext_lazy("photo status", "ready")
    REJECTED = "rejected", pgettext_lazy("photo status", "could not be read")


class PhotoQuality(models.TextChoices):
    """How well a face can be compared."""

    GOOD = "good", pgettext_lazy("photo quality", "good")
    USABLE = "usable", pgettext_lazy("photo quality", "usable")
    POOR = "poor", pgettext_lazy("photo quality", "poor")


class PhotoShows(models.TextChoices):
    """What a photo of a sighting shows."""

    CHILD_NOW = "child_now", pgettext_lazy("photo shows", "the child now")
    CHILD_THEN = "child_then", pgettext_lazy("photo shows", "the child then")
    OTHER = "other", pgettext_lazy("photo shows", "something else")


class Band(models.TextChoices):
    """What a probability means for a reviewer."""

    STRONG = "strong", pgettext_lazy("band", "strong")
    POSSIBLE = "possible", pgettext_lazy("band", "possible")
    WEAK = "weak", pgettext_lazy("band", "weak")


class MatchStatus(models.TextChoices):
    """Where a match stands."""

    PROPOSED = "proposed", pgettext_lazy("match status", "proposed")
    IN_REVIEW = "in_review", pgettext_lazy("match status", "in review")
    NEEDS_INFORMATION = "needs_information", pgettext_lazy("match status", "needs information")
    LEAD = "lead", pgettext_lazy("match status", "lead")
    CONFIRMED = "confirmed", pgettext_lazy("match status", "confirmed")
    REJECTED = "rejected", pgettext_lazy("match status", "rejected")
    SUPERSEDED = "superseded", pgettext_lazy("match status", "superseded")


class ReviewDecision(models.TextChoices):
    """What a reviewer decided."""

    ACCEPT = "accept", pgettext_lazy("review decision", "accept")
    REJECT = "reject", pgettext_lazy("review decision", "reject")
    NEEDS_INFORMATION = "needs_information", pgettext_lazy("review decision", "needs information")
