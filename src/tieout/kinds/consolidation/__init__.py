"""Consolidation, pure: many records of one day or month become few documents in Xero.

    figures    what a record contributes, line by line, with its accounts and taxes settled
    lines      merging lines, and what is left between two sets of them
    terms      what all records in one document share: period, channel, currency, rate, …; and its number
    register   where a record's figures go: into an open document, or as an adjustment of a closed one
    documents  the consolidated document as a record that the plain kinds can map

Always: per currency, rate, account and tax the documents add up to their members to the cent, in whatever order and in
however many runs they come; a document that was closed never changes.
"""
