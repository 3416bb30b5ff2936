"""The desk's verbs. Each checks, changes and writes its event in the plan or transaction that it is given."""
