"""The store of evidence that the settings name."""

from functools import lru_cache

from config.settings import settings
from papers.evidence_store import EvidenceBucket, EvidenceFolder, EvidenceStore


def evidence_store() -> EvidenceStore:
    """The folder of the home, or the bucket of ``DUBAN_EVIDENCE_STORE``."""
    office = settings()
    if office.evidence_store is None:
        return EvidenceFolder(office.evidence_folder)
    account = [key.get_secret_value() for key in (office.evidence_key_id, office.evidence_secret_key) if key]
    return _bucket(office.evidence_store, office.evidence_endpoint, office.evidence_region, *account)


# Kept with its connections: each new one would read the certificates of the machine first.
_bucket = lru_cache(maxsize=4)(EvidenceBucket)
