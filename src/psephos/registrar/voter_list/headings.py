"""What people call the columns of a list of members, in the languages that such lists are kept in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["whole", "name", "part", "email", "address", "account"]
"""What a column holds: a whole name; a name, or a part of one beside other parts; the rest."""

# English, Ukrainian, Russian, Welsh, French, German, Polish, Spanish, Italian, Portuguese, Dutch.
_WORDS: dict[Role, str] = {
    "whole": """full name, voter, voter name, voters, elector, member, participant, first name and surname,
        піб, п.і.б., виборець, виборчиня, прізвище та ім'я, ім'я та прізвище,
        фио, ф.и.о., избиратель, фамилия и имя, имя и фамилия, enw llawn, pleidleisiwr, etholwr, aelod,
        nom complet, nom et prénom, prénom et nom, électeur, électrice, membre, wähler, mitglied,
        vollständiger name, vor- und nachname, imię i nazwisko, nazwisko i imię, wyborca,
        nombre completo, nombre y apellidos, nome completo, nome e cognome, volledige naam""",
    "name": "name, names, ім'я, имя, enw, nom, imię, nombre, nome, naam",
    "part": """first name, given name, given names, middle name, last name, surname, family name, forename,
        прізвище, по батькові, фамилия, отчество, enw cyntaf, cyfenw, prénom, prénoms, nom de famille,
        vorname, nachname, familienname, nazwisko, apellido, apellidos, cognome, sobrenome, apelido,
        voornaam, achternaam""",
    "email": """email, e-mail, mail, email address, e-mail address, mail address,
        електронна пошта, ел. пошта, пошта, адреса електронної пошти, імейл, емейл,
        электронная почта, эл. почта, почта, адрес электронной почты, имейл,
        e-bost, ebost, cyfeiriad e-bost, courriel, adresse e-mail, adresse courriel, mél,
        adresse électronique,
        e-mail-adresse, mailadresse, adres e-mail, correo, correo electrónico, e-mailadres""",
    "address": """address, postal address, address 1, address 2, address 3, address line 1, address line 2,
        address line 3, street, town, city, postcode, post code, zip, zip code, country,
        адреса, поштова адреса, вулиця, місто, індекс, поштовий індекс,
        адрес, почтовый адрес, улица, город, почтовый индекс,
        cyfeiriad, cyfeiriad post, stryd, tref, cod post, adresse, adresse postale, rue, ville, code postal,
        pays, anschrift, postanschrift, straße, strasse, ort, plz, postleitzahl, land, adres, ulica, miasto,
        kod pocztowy, dirección, calle, ciudad, indirizzo, via, città, cap, endereço, rua, cidade,
        straat, plaats""",
    "account": """account, login, username, user name, user, sub, обліковий запис, логін, логин,
        учётная запись, cyfrif, compte, identifiant, konto, benutzername, cuenta, usuario""",
}


def _plain(heading: str) -> str:
    """Letters and digits alone: people write e-mail and E Mail, ім'я and імʼя, п.і.б."""
    text = unicodedata.normalize("NFKC", heading).casefold().replace("\u02bc", "").replace("ё", "е")
    return "".join(char for char in text if char.isalnum())


_ROLES = {_plain(word): role for role, words in _WORDS.items() for word in words.split(",")}


def roles(row: Sequence[str]) -> list[Role | None]:
    """What each cell of a heading says that its column holds; None for what is not known."""
    return [_ROLES.get(_plain(cell)) for cell in row]


def known(row: Sequence[str]) -> int:
    """How many of these cells name a column; none do where one is an e-mail address."""
    if any("@" in cell for cell in row):
        return 0
    return sum(role is not None for role in roles(row))
