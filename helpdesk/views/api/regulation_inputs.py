"""What staff systems send about the regulator's time limits, with its limits and an example."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from helpdesk.sla.policy import Form
from helpdesk.views.api.inputs import LateNote, LateReason, Plain

Code = Annotated[Plain, Field(max_length=50)]
Reason = Annotated[str, Field(max_length=2000)]


class FormChange(BaseModel):
    """The form of a complaint, where the channel does not tell it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"form": "tertulis", "reason": "Surat diantar ke kantor"}]}
    )

    form: Form = Field(description="lisan or tertulis")
    reason: Reason = Field(description="Why; kept in the audit trail")


class DocumentRequest(BaseModel):
    """What is missing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": ["supporting"], "note": "struk tanggal 3 November"}]}
    )

    items: list[Code] = Field(
        min_length=1,
        max_length=20,
        description="identity, product, problem, power_of_attorney, supporting; not what the record has (422)",
    )
    note: Annotated[str, Field(max_length=200)] = Field("", description="Said to the contact, too")


class Conversion(DocumentRequest):
    """What is missing, and why five days are not enough."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": ["supporting"], "reason": "Perlu bukti setor"}]}
    )

    reason: Reason = Field(description="Why; kept in the audit trail")


class DocumentsComplete(BaseModel):
    """Nothing more is needed: `{}`."""


class MoreTime(BaseModel):
    """Why the contact needs more time."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ground": "a", "reason": "Akad di rumah orang tua"}]}
    )

    ground: Code = Field(description="a: not at her domicile; b: beyond her control")
    reason: Reason = Field(description="Why; kept in the audit trail")


class Refusal(BaseModel):
    """Why a promise was broken, where one was; otherwise `{}`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"late_reason": "third_party"}]})

    late_reason: LateReason = ""
    late_note: LateNote = ""


class NewExtension(BaseModel):
    """Why we need more time. With a party it is the extension beyond the first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ground": "b", "reason": "Rekening koran diperiksa lagi"}]}
    )

    ground: Code | None = Field(None, description="a, b or c of Ps. 75(2); not needed with a party")
    reason: Annotated[str, Field(max_length=300)] = Field(description="Stands in the letter")
    party: Annotated[str, Field(max_length=100)] = Field(
        "", description="Other party whose follow-up is needed (Ps. 75(5))"
    )
