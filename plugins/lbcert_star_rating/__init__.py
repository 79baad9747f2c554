"""星级认证: stars for people of a brand, from marks, attendance and outcomes, reviewed by three persons."""
