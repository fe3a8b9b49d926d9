"""Consolidation in the engine: policies, gathering due records into documents, and what that means for planning.

    policies    which policy is a record's
    changing    a person's hand: policies, closing early
    tables      documents and members in the database, in bulk
    gathering   before each rank: due records join documents, late ones and edits are settled, what is over closes
    mending     before that: nothing half done is left
    standing    for planning: what carries a record, and what a policy leaves out
    allocating  an adjusting credit note is used on the invoice that it corrects
    documents   consolidated documents as records, for the kinds

Always: a record is placed in the same transaction that reads what documents hold of it, so that it is in one document
or in none, whenever a worker dies.
"""
