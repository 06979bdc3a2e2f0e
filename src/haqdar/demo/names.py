"""Common names of central India in Latin and Hindi letters, written for the demonstration data.

Each entry reads `Latin हिंदी weight`. Given names stand by sex and by the generation that bears them;
surnames by the social category that mostly bears them. Nobody in the demonstration is a real person.
"""

from collections.abc import Iterator

WEIGHTED_PLACES = 1024
"""Length of every expanded list: a draw of 0..1023 picks a name with its weight."""

_MEN_OLD = """
Ramesh रमेश 9 · Suresh सुरेश 8 · Mohan मोहन 8 · Ramlal रामलाल 9 · Shyamlal श्यामलाल 6 · Babulal बाबूलाल 9
Kanhaiyalal कन्हैयालाल 5 · Munnalal मुन्नालाल 6 · Ramprasad रामप्रसाद 6 · Bhagwandas भगवानदास 5
Jagdish जगदीश 7 · Gopal गोपाल 6 · Kailash कैलाश 8 · Shankar शंकर 6 · Hariram हरिराम 5 · Ganesh गणेश 6
Lakhan लखन 5 · Mangal मंगल 4 · Budhram बुधराम 4 · Sukhram सुखराम 4 · Dayaram दयाराम 5 · Ramdayal रामदयाल 4
Chhotelal छोटेलाल 5 · Ramcharan रामचरण 5 · Ramswaroop रामस्वरूप 4 · Devilal देवीलाल 4 · Bherulal भेरूलाल 4
Nathulal नाथूलाल 4 · Kashiram काशीराम 4 · Tulsiram तुलसीराम 5 · Sitaram सीताराम 6 · Jamnalal जमनालाल 3
Puranlal पूरनलाल 3 · Govind गोविंद 5 · Narayan नारायण 6 · Vishnu विष्णु 4 · Balram बलराम 4 · Parasram परसराम 3
Gendalal गेंदालाल 3 · Dhaniram धनीराम 3 · Halke हल्के 2 · Ramsingh रामसिंह 5 · Mansingh मानसिंह 4
Bhimsingh भीमसिंह 3 · Ratan रतन 4 · Motilal मोतीलाल 4 · Heeralal हीरालाल 4 · Pannalal पन्नालाल 3
Phoolchand फूलचंद 3 · Mulchand मूलचंद 3 · Prakash प्रकाश 6 · Ashok अशोक 7 · Vinod विनोद 5 · Rajendra राजेंद्र 7
Mahesh महेश 7 · Dinesh दिनेश 7 · Kamal कमल 4 · Santosh संतोष 7 · Omprakash ओमप्रकाश 6 · Ramkishan रामकिशन 4
Ramgopal रामगोपाल 3 · Shivcharan शिवचरण 3 · Shivprasad शिवप्रसाद 3 · Bhagirath भागीरथ 3 · Onkar ओंकार 3
Madanlal मदनलाल 4 · Prabhulal प्रभुलाल 3 · Kishanlal किशनलाल 4 · Harilal हरिलाल 3 · Bihari बिहारी 3
Baldev बलदेव 3 · Vasudev वासुदेव 2 · Nandkishore नंदकिशोर 3 · Girdhari गिरधारी 3 · Raghunath रघुनाथ 3
Ramnath रामनाथ 3 · Jhallu झल्लू 1 · Kallu कल्लू 2 · Buddhu बुद्धू 1 · Gulab गुलाब 3 · Umesh उमेश 4
"""
_MEN_YOUNG = """
Rahul राहुल 9 · Amit अमित 7 · Deepak दीपक 8 · Sunil सुनील 7 · Anil अनिल 7 · Rajesh राजेश 7 · Mukesh मुकेश 7
Sanjay संजय 7 · Vijay विजय 7 · Ajay अजय 7 · Manoj मनोज 7 · Pawan पवन 6 · Arjun अर्जुन 6 · Ravi रवि 7
Vikas विकास 6 · Vishal विशाल 6 · Rohit रोहित 7 · Mohit मोहित 4 · Sachin सचिन 6 · Ankit अंकित 5 · Lokesh लोकेश 4
Jitendra जितेंद्र 6 · Dharmendra धर्मेंद्र 6 · Narendra नरेंद्र 5 · Mahendra महेंद्र 5 · Bhupendra भूपेंद्र 4
Yogesh योगेश 4 · Nilesh नीलेश 4 · Kamlesh कमलेश 4 · Akash आकाश 6 · Suraj सूरज 6 · Chandan चंदन 4
Sandeep संदीप 6 · Pradeep प्रदीप 5 · Kuldeep कुलदीप 4 · Hemant हेमंत 4 · Jayant जयंत 2 · Govinda गोविंदा 3
Krishna कृष्णा 6 · Shivam शिवम 6 · Satyam सत्यम 3 · Sundar सुंदर 2 · Abhishek अभिषेक 5 · Aakash आकाश 1
Ayush आयुष 5 · Aryan आर्यन 5 · Yash यश 4 · Harsh हर्ष 4 · Nitin नितिन 4 · Gaurav गौरव 4 · Saurabh सौरभ 4
Raja राजा 3 · Golu गोलू 2 · Chhotu छोटू 1 · Bablu बबलू 2 · Pappu पप्पू 2 · Sonu सोनू 4 · Monu मोनू 3 · Guddu गुड्डू 2
Devendra देवेंद्र 5 · Surendra सुरेंद्र 4 · Virendra वीरेंद्र 4 · Gajendra गजेंद्र 3 · Shailendra शैलेंद्र 3
Brijesh बृजेश 4 · Rakesh राकेश 7 · Naresh नरेश 4 · Hitesh हितेश 2 · Ritesh रितेश 3 · Bharat भरत 5 · Laxman लक्ष्मण 5
Karan करण 5 · Dilip दिलीप 5 · Anand आनंद 4 · Vivek विवेक 4 · Piyush पीयूष 3 · Tarun तरुण 2 · Varun वरुण 2
"""
_MEN_MUSLIM = """
Abdul अब्दुल 6 · Salim सलीम 7 · Rashid राशिद 6 · Iqbal इकबाल 5 · Yusuf यूसुफ 5 · Imran इमरान 7 · Javed जावेद 6
Shakeel शकील 5 · Nasir नासिर 4 · Anwar अनवर 5 · Rafiq रफीक 5 · Ismail इस्माइल 4 · Akbar अकबर 3 · Aslam असलम 4
Farooq फारूक 4 · Arif आरिफ 5 · Asif आसिफ 5 · Wasim वसीम 4 · Sameer समीर 4 · Faizan फैजान 4
"""
_WOMEN_OLD = """
Kamla कमला 9 · Shanti शांति 9 · Ramkali रामकली 7 · Sita सीता 7 · Gita गीता 7 · Savitri सावित्री 7 · Lakshmi लक्ष्मी 7
Parvati पार्वती 7 · Ganga गंगा 6 · Jamna जमना 5 · Narmada नर्मदा 6 · Sarju सरजू 3 · Phoolwati फूलवती 5 · Kalawati कलावती 6
Rampyari रामप्यारी 6 · Shyama श्यामा 4 · Radha राधा 7 · Rukmani रुक्मणी 5 · Yashoda यशोदा 5 · Devki देवकी 4
Kausalya कौशल्या 6 · Sumitra सुमित्रा 6 · Kesar केसर 4 · Gulab गुलाब 4 · Champa चंपा 4 · Chameli चमेली 4 · Betibai बेटीबाई 2
Munni मुन्नी 5 · Chhoti छोटी 3 · Bhuri भूरी 3 · Dhapu धापू 3 · Gendi गेंदी 3 · Sugna सुगना 3 · Sugan सुगन 3
Imarti इमरती 3 · Jamuna जमुना 3 · Tulsa तुलसा 4 · Janki जानकी 5 · Durga दुर्गा 5 · Saraswati सरस्वती 4 · Sharda शारदा 5
Leela लीला 6 · Usha उषा 5 · Pushpa पुष्पा 6 · Prem प्रेम 4 · Vimla विमला 5 · Nirmala निर्मला 5 · Kasturi कस्तूरी 3
Mathura मथुरा 3 · Ayodhya अयोध्या 2 · Kashi काशी 3 · Rajrani राजरानी 3 · Ramrati रामरती 4 · Ramvati रामवती 4
Sonabai सोनाबाई 3 · Rupa रूपा 3 · Sundar सुंदर 2 · Manna मन्ना 2 · Mangli मंगली 3 · Budhiya बुधिया 3 · Sukhwati सुखवती 3
Sukhiya सुखिया 2 · Phulmati फूलमती 3 · Bhagwati भगवती 4 · Anusuiya अनुसुइया 3 · Ahilya अहिल्या 3 · Draupadi द्रौपदी 3
Kunti कुंती 4 · Maya माया 4 · Asha आशा 5 · Krishna कृष्णा 3 · Godavari गोदावरी 2 · Kaveri कावेरी 2 · Basanti बसंती 4
Ratna रत्ना 2 · Hira हीरा 2 · Moti मोती 1 · Anandi आनंदी 3 · Sampat संपत 2 · Geeta गीता 2 · Meera मीरा 4
"""
_WOMEN_YOUNG = """
Sunita सुनीता 9 · Anita अनीता 8 · Rekha रेखा 8 · Mamta ममता 8 · Manju मंजू 6 · Seema सीमा 6 · Sangeeta संगीता 6
Kavita कविता 6 · Babita बबीता 5 · Lalita ललिता 5 · Sarita सरिता 5 · Vandana वंदना 4 · Archana अर्चना 4 · Rajni रजनी 4
Jyoti ज्योति 7 · Pooja पूजा 8 · Neha नेहा 6 · Priyanka प्रियंका 6 · Priti प्रीति 4 · Aarti आरती 6 · Bharti भारती 5
Rani रानी 5 · Roshni रोशनी 5 · Kajal काजल 5 · Khushi खुशी 5 · Muskan मुस्कान 4 · Nisha निशा 4 · Pinki पिंकी 4
Rinki रिंकी 3 · Soni सोनी 3 · Sapna सपना 4 · Kiran किरण 5 · Varsha वर्षा 5 · Barkha बरखा 2 · Radhika राधिका 4
Shivani शिवानी 5 · Sakshi साक्षी 4 · Anjali अंजलि 6 · Payal पायल 4 · Komal कोमल 4 · Monika मोनिका 3 · Sonam सोनम 3
Reena रीना 4 · Meena मीना 5 · Beena बीना 2 · Veena वीणा 2 · Teena टीना 2 · Hemlata हेमलता 4 · Pushplata पुष्पलता 3
Snehlata स्नेहलता 2 · Ramsakhi रामसखी 2 · Rajkumari राजकुमारी 5 · Sushila सुशीला 5 · Urmila उर्मिला 5 · Shakun शकुन 3
Santoshi संतोषी 4 · Laxmi लक्ष्मी 5 · Durgesh दुर्गेश 2 · Bhawna भावना 3 · Chetna चेतना 2 · Deepa दीपा 4 · Deepika दीपिका 3
Divya दिव्या 4 · Ritu रितु 3 · Rashmi रश्मि 4 · Shalini शालिनी 2 · Swati स्वाति 3 · Tara तारा 4 · Uma उमा 4 · Vidya विद्या 4
Sonali सोनाली 3 · Nandini नंदिनी 3 · Gayatri गायत्री 4 · Ranu रानू 2 · Guddi गुड्डी 3 · Chanda चंदा 3 · Mahima महिमा 2
Tanu तनु 2 · Riya रिया 3 · Ananya अनन्या 2 · Aradhya आराध्या 2 · Pari परी 2 · Dropati द्रोपती 2 · Phoolan फूलन 2
"""
_WOMEN_MUSLIM = """
Fatima फातिमा 7 · Zubeda जुबेदा 5 · Rashida राशिदा 5 · Nasreen नसरीन 5 · Shabnam शबनम 6 · Salma सलमा 6 · Hamida हमीदा 5
Mumtaz मुमताज 5 · Noorjahan नूरजहां 4 · Rehana रेहाना 5 · Parveen परवीन 5 · Ruksana रुखसाना 5 · Shahnaz शहनाज 5
Khatija खतीजा 3 · Amina अमीना 4 · Tabassum तबस्सुम 3 · Zarina जरीना 4 · Saira सायरा 3 · Yasmin यास्मीन 4 · Afsana अफसाना 3
"""
_SURNAMES = {
    "GEN": """
Sharma शर्मा 9 · Tiwari तिवारी 7 · Mishra मिश्रा 7 · Dubey दुबे 6 · Shukla शुक्ला 5 · Pandey पांडे 5 · Chaturvedi चतुर्वेदी 3
Dwivedi द्विवेदी 4 · Pathak पाठक 3 · Vyas व्यास 3 · Joshi जोशी 4 · Upadhyay उपाध्याय 3 · Bhargava भार्गव 2 · Saxena सक्सेना 3
Shrivastava श्रीवास्तव 5 · Verma वर्मा 3 · Jain जैन 6 · Gupta गुप्ता 6 · Agrawal अग्रवाल 4 · Singh सिंह 7 · Tomar तोमर 4
Bhadoria भदौरिया 4 · Sikarwar सिकरवार 3 · Chouhan चौहान 4 · Parihar परिहार 3 · Baghel बघेल 3 · Solanki सोलंकी 2 · Raghuwanshi रघुवंशी 2
""",
    "OBC": """
Yadav यादव 9 · Patel पटेल 9 · Lodhi लोधी 8 · Kushwaha कुशवाहा 8 · Kurmi कुर्मी 4 · Sahu साहू 7 · Sen सेन 4 · Vishwakarma विश्वकर्मा 6
Prajapati प्रजापति 6 · Rathore राठौर 6 · Patidar पाटीदार 6 · Dangi दांगी 4 · Gurjar गुर्जर 5 · Kirar किरार 3 · Dhakad धाकड़ 4
Mali माली 4 · Nagar नागर 3 · Jat जाट 3 · Rajput राजपूत 3 · Kewat केवट 4 · Pal पाल 5 · Soni सोनी 4 · Namdev नामदेव 3
Panwar पंवार 4 · Chourasia चौरसिया 3 · Rai राय 3 · Meena मीणा 4 · Baghela बघेला 2 · Kachhi काछी 3 · Rajak रजक 3 · Barman बर्मन 3
""",
    "SC": """
Ahirwar अहिरवार 10 · Jatav जाटव 8 · Chaudhary चौधरी 6 · Malviya मालवीय 6 · Suryavanshi सूर्यवंशी 5 · Parmar परमार 4 · Balai बलाई 5
Bairwa बैरवा 4 · Khatik खटीक 4 · Valmiki वाल्मीकि 4 · Kori कोरी 5 · Shakya शाक्य 3 · Mahor माहोर 3 · Saket साकेत 5 · Bansal बंसल 2
Basor बसोर 3 · Prasad प्रसाद 2 · Raidas रैदास 3 · Chandel चंदेल 2 · Borasi बोरासी 2 · Goyal गोयल 1 · Dehariya डेहरिया 3
""",
    "ST": """
Gond गोंड 7 · Maravi मरावी 7 · Dhurve धुर्वे 7 · Uikey उइके 7 · Marskole मर्सकोले 4 · Tekam टेकाम 5 · Parte परते 5 · Inwati इनवाती 4
Kumre कुमरे 4 · Sariyam सरियाम 3 · Bhalavi भलावी 3 · Bhil भील 5 · Damor डामोर 5 · Bhuria भूरिया 6 · Muniya मुनिया 4 · Ninama निनामा 4
Katara कटारा 4 · Dawar डावर 5 · Baria बारिया 4 · Mehta मेहता 1 · Kol कोल 6 · Baiga बैगा 4 · Korku कोरकू 3 · Saharia सहरिया 5 · Armo आर्मो 3
""",
}
_MUSLIM_SURNAMES = "Khan खान 9 · Ansari अंसारी 5 · Qureshi कुरैशी 5 · Sheikh शेख 5 · Mansoori मंसूरी 6 · Shah शाह 4 · Pathan पठान 2"

_PLACE_FIRST = """
Ram राम · Shyam श्याम · Krishna कृष्ण · Govind गोविंद · Kishan किशन · Mohan मोहन · Hari हरि · Shiv शिव · Devi देवी · Ganesh गणेश · Bhagwan भगवान
Raj राज · Rani रानी · Sundar सुंदर · Chandan चंदन · Kamal कमल · Phool फूल · Neem नीम · Pipal पीपल · Bargad बरगद · Imli इमली · Jamun जामुन
Amla आंवला · Mahua महुआ · Sagon सागोन · Bans बांस · Khajur खजूर · Bel बेल · Nai नई · Purani पुरानी · Bari बड़ी · Chhoti छोटी · Upar ऊपर
Tal ताल · Jhir झिर · Ghat घाट · Pahar पहाड़ · Lal लाल · Dhaul धौल · Kari कारी · Pila पीला · Sona सोना · Chandi चांदी · Moti मोती · Hira हीरा
Budh बुध · Mangal मंगल · Sukh सुख · Anand आनंद · Jai जय · Vijay विजय · Fateh फतेह · Khem खेम · Dhan धन · Lakh लख · Nar नर · Singh सिंह
"""
_PLACE_LAST = """
pur पुर · garh गढ़ · khedi खेड़ी · pura पुरा · gaon गांव · wada वाड़ा · wani वानी · tola टोला · khurd खुर्द · kalan कलां · nagar नगर · ganj गंज
sar सर · talai तलाई · pani पानी · dih डीह · wara वारा · heda हेड़ा · kheda खेड़ा · patan पाटन
"""
STREETS = (
    "राम मोहल्ला",
    "ऊपर मोहल्ला",
    "नीचे मोहल्ला",
    "स्कूल के पास",
    "पंचायत भवन के पास",
    "बाजार चौक",
    "तालाब के पास",
    "मंदिर वाली गली",
    "स्टेशन रोड",
    "नया टोला",
    "पुराना टोला",
    "कुएँ के पास",
)


def _entries(text: str) -> list[tuple[str, str, int]]:
    entries = []
    for entry in text.replace("\n", " · ").split(" · "):
        words = entry.split()
        if words:
            entries.append((words[0], words[1], int(words[2]) if len(words) > 2 else 1))
    return entries


def _expanded(entries: list[tuple[str, str, int]]) -> Iterator[tuple[int, str, str, int]]:
    """(place, Latin, Hindi, number of the entry) for each of the 1024 places, in proportion to the weights."""
    total = sum(weight for _, _, weight in entries)
    reached = 0
    place = 0
    for number, (latin, hindi, weight) in enumerate(entries):
        reached += weight
        while place < reached * WEIGHTED_PLACES // total:
            yield place, latin, hindi, number
            place += 1


def given_names() -> list[tuple[int, str, str]]:
    """(place, Latin, Hindi); place = pool * 1024 + draw, pool = 4 if a woman + 2 if young + 1 if Muslim."""
    pools = (
        _MEN_OLD,
        _MEN_MUSLIM,
        _MEN_YOUNG,
        _MEN_MUSLIM,
        _WOMEN_OLD,
        _WOMEN_MUSLIM,
        _WOMEN_YOUNG,
        _WOMEN_MUSLIM,
    )
    return [
        (pool * WEIGHTED_PLACES + place, latin, hindi)
        for pool, text in enumerate(pools)
        for place, latin, hindi, _ in _expanded(_entries(text))
    ]


def surnames() -> list[tuple[int, str, str, bool]]:
    """(place, Latin, Hindi, Muslim); place = pool * 1024 + draw, pools in the order GEN, OBC, SC, ST.

    The last eighth of the GEN and OBC pools are Muslim surnames, about their share of the population.
    """
    rows: list[tuple[int, str, str, bool]] = []
    muslim = list(_expanded(_entries(_MUSLIM_SURNAMES)))
    for pool, category in enumerate(("GEN", "OBC", "SC", "ST")):
        share = 128 if category in ("GEN", "OBC") else 0
        own = list(_expanded(_entries(_SURNAMES[category])))
        for place in range(WEIGHTED_PLACES):
            if place >= WEIGHTED_PLACES - share:
                _, latin, hindi, _ = muslim[(place - WEIGHTED_PLACES + share) * WEIGHTED_PLACES // share]
            else:
                _, latin, hindi, _ = own[place * WEIGHTED_PLACES // (WEIGHTED_PLACES - share)]
            rows.append((pool * WEIGHTED_PLACES + place, latin, hindi, place >= WEIGHTED_PLACES - share))
    return rows


def place_name(number: int) -> tuple[str, str]:
    """An invented place name in Latin and Hindi; different for the first thousand numbers."""
    first, last = _entries(_PLACE_FIRST), _entries(_PLACE_LAST)
    head = first[number * 37 % len(first)]
    tail = last[(number // len(first) + number % len(first) * 7) % len(last)]
    return head[0] + tail[0], head[1] + tail[1]
