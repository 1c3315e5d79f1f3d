"""What people call the languages that can be recognised: English names of Unicode CLDR."""

_NAMES = """
    af Afrikaans, am Amharic, ar Arabic, as Assamese, az Azerbaijani, be Belarusian, ba Bashkir, bg
    Bulgarian, bn Bangla, br Breton, ca Catalan, cs Czech, cy Welsh, da Danish, de German, dz
    Dzongkha, el Greek, en English, eo Esperanto, es Spanish, et Estonian, eu Basque, fa Persian, fi
    Finnish, fo Faroese, fr French, fy Western Frisian, ga Irish, gd Scottish Gaelic, gl Galician,
    gu Gujarati, ha Hausa, he Hebrew, hi Hindi, hr Bosnian or Croatian or Serbian, ht Haitian
    Creole, hu Hungarian, hy Armenian, id Indonesian or Malay, ig Igbo, is Icelandic, it Italian, ja
    Japanese, jv Javanese, ka Georgian, kk Kazakh, km Khmer, kn Kannada, ko Korean, ku Kurdish, ky
    Kyrgyz, la Latin, lb Luxembourgish, lg Ganda, ln Lingala, lo Lao, lt Lithuanian, lv Latvian, mg
    Malagasy, mk Macedonian, ml Malayalam, mn Mongolian, mr Marathi, mt Maltese, my Burmese, ne
    Nepali, nl Dutch, no Norwegian, om Oromo, or Odia, pa Punjabi, pl Polish, ps Pashto, pt
    Portuguese, qu Quechua, ro Romanian, ru Russian, rw Kinyarwanda, sa Sanskrit, se Northern Sami,
    si Sinhala, sk Slovak, sl Slovenian, sn Shona, so Somali, sq Albanian, st Southern Sotho, sv
    Swedish, sw Swahili, ta Tamil, te Telugu, tg Tajik, th Thai, tk Turkmen, tl Filipino, tr
    Turkish, tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek, vi Vietnamese, xh Xhosa, yo
    Yoruba, zh Chinese, zu Zulu
"""
LANGUAGE_NAMES = dict(entry.split(maxsplit=1) for entry in _NAMES.split(","))
SAME_AS = {"bs": "hr", "sr": "hr", "ms": "id", "nn": "no"}  # too close to tell apart in a row
