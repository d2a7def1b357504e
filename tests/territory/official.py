"""Small files in the official formats, with the oddities of the real ones."""

COMMUNES = [
    {"code": "59043", "nom": "Bailleul", "type": "commune-actuelle", "departement": "59", "region": "32"}
    | {"codesPostaux": ["59270"], "population": 15000, "anciensCodes": ["59001"]},
    {"code": "59401", "nom": "Méteren", "type": "commune-actuelle", "departement": "59", "region": "32"}
    | {"codesPostaux": ["59270"], "population": 2200},
    {"code": "13004", "nom": "Arles", "type": "commune-actuelle", "departement": "13", "region": "93"}
    | {"codesPostaux": ["13200"], "population": 50000},
    {"code": "83004", "nom": "Les Arcs", "type": "commune-actuelle", "departement": "83", "region": "93"}
    | {"codesPostaux": ["83460"], "population": 7000},
    {"code": "75056", "nom": "Paris", "type": "commune-actuelle", "departement": "75", "region": "11"}
    | {"codesPostaux": ["75001"], "population": 2100000},
    {"code": "75101", "nom": "Paris 1er Arrondissement", "type": "arrondissement-municipal", "departement": "75"}
    | {"commune": "75056", "region": "11", "codesPostaux": ["75001"], "population": 15000},
    {"code": "74011", "nom": "Annecy-le-Vieux", "type": "commune-deleguee", "departement": "74", "chefLieu": "59043"},
]
COMPETENCES = """code_commune;libelle_commune;institution;id_service;service;code_postal;codes_postaux
"59043";"Bailleul ";"PN";"";"Commissariat de police d'Armentières ";"59270";"59270"
"59401";"Méteren";"GN";"1007000";"Méteren";"59270";"59270"
"13004";"Arles";"GN";"1009950";" Arles";"13200";"13200"
"13004";"Arles";"PN";"";"Commissariat de police d’Arles";"13200";"13200"
"83004";"Les Arcs";"GN";"0";"Brigade des Arcs";"83460";"83460"
"75101";"Paris 1er Arrondissement";"";"";"";"75001";"75001"
"""
UNITS_GN = (
    "identifiant_public_unite;service;adresse_geographique;telephone;departement;code_commune_insee;voie;code_postal;"
    "commune;geocodage_epsg;geocodage_x;geocodage_y;geocodage_x_GPS;geocodage_y_GPS;horaires_accueil;url\n"
    "1007000;Brigade de proximité de Méteren ;1 rue Haute 59270 Méteren;03 20 00 00 00;59;59401;1 rue Haute;59270;"
    "METEREN;EPSG:2154;1;2;2.69;50.74;Lundi : 8h00-12h00 14h00-18h00 Mardi : 8h00-12h00;https://exemple.invalid/1\n"
    "0;Brigade des Arcs;2 rue Basse;04 94 00 00 00;83;83004;;83460;LES ARCS;;;;43.46;6.48;;\n"
    ";;3 rue sans nom;;59;59043;;59270;BAILLEUL;;;;;;;\n"
)
UNITS_GN_BY_DAY = (
    "identifiant_public_unite;service;code_commune_insee;code_postal;commune;"
    "lundi_plage1_debut;lundi_plage1_fin;lundi_plage2_debut;lundi_plage2_fin;jours_feries_plage1_debut;jours_feries_plage1_fin\n"
    "1007000;Méteren;59401;59270;Méteren;08:00;12:00;14:00;18:00;09:00;12:00\n"
)
UNITS_PN = (
    "service;adresse_geographique;telephone;departement;code_postal;commune;geocodage_x_GPS;geocodage_y_GPS\n"
    "Commissariat de police d'Arles;1 boulevard des Lices$BP 12$13200 Arles;04 90 00 00 00;13;13200;Arles;4.63;43.68\n"
)
