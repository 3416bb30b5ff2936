"""The JSON API below /api/v1.

operations   the table of contents: every route with its scope, what it takes and what it answers
door         one request: who asks, may they, what do they ask, the answer
once         the same key asked again
asked        the shapes of what is asked, and how strictly they are read
answers      the shapes of what is answered, from_rows how they are filled
paging       cursors
problems     what went wrong, by RFC 9457
openapi      the description of it all, made from the table
"""
