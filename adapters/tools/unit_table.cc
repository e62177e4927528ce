#include "adapters/tools/unit_table.h"

namespace moerge::tools {
namespace {

constexpr Dimensions kLength = {1, 0, 0, 0, 0, 0};
constexpr Dimensions kArea = {2, 0, 0, 0, 0, 0};
constexpr Dimensions kVolume = {3, 0, 0, 0, 0, 0};
constexpr Dimensions kMass = {0, 1, 0, 0, 0, 0};
constexpr Dimensions kTime = {0, 0, 1, 0, 0, 0};
constexpr Dimensions kTemperature = {0, 0, 0, 1, 0, 0};
constexpr Dimensions kData = {0, 0, 0, 0, 1, 0};
constexpr Dimensions kAngle = {0, 0, 0, 0, 0, 1};
constexpr Dimensions kSpeed = {1, 0, -1, 0, 0, 0};
constexpr Dimensions kEnergy = {2, 1, -2, 0, 0, 0};
constexpr Dimensions kPower = {2, 1, -3, 0, 0, 0};
constexpr Dimensions kPressure = {-1, 1, -2, 0, 0, 0};
constexpr Dimensions kForce = {1, 1, -2, 0, 0, 0};
constexpr Dimensions kFrequency = {0, 0, -1, 0, 0, 0};
constexpr Dimensions kFuel = {-2, 0, 0, 0, 0, 0};
constexpr Dimensions kDataRate = {0, 0, -1, 0, 1, 0};

constexpr auto kNone = Prefixes::kNone;
constexpr auto kMetric = Prefixes::kMetric;

constexpr UnitEntry kUnits[] = {
    {"m", "meter|meters|metre|metres", kLength, "1", "", "", kMetric},
    {"in|\"", "inch|inches|ins", kLength, "0.0254", "", "", kNone},
    {"ft|'", "foot|feet", kLength, "0.3048", "", "", kNone},
    {"yd|yds", "yard|yards", kLength, "0.9144", "", "", kNone},
    {"mi", "mile|miles", kLength, "1609.344", "", "", kNone},
    {"nmi", "nautical mile|nautical miles", kLength, "1852", "", "", kNone},
    {"ftm", "fathom|fathoms", kLength, "1.8288", "", "", kNone},
    {"", "furlong|furlongs", kLength, "201.168", "", "", kNone},
    {"au|AU", "astronomical unit|astronomical units", kLength, "149597870700", "", "", kNone},
    {"ly", "light year|light years|light-year|light-years|lightyear|lightyears", kLength,
     "9460730472580800", "", "", kNone},
    {"Å", "angstrom|angstroms", kLength, "1e-10", "", "", kNone},
    {"", "micron|microns", kLength, "1e-6", "", "", kNone},

    {"g", "gram|grams|gramme|grammes", kMass, "0.001", "", "", kMetric},
    {"lb|lbs", "pound|pounds", kMass, "0.45359237", "", "", kNone},
    {"oz", "ounce|ounces", kMass, "0.028349523125", "", "", kNone},
    {"ozt", "troy ounce|troy ounces", kMass, "0.0311034768", "", "", kNone},
    {"st", "stone|stones", kMass, "6.35029318", "", "", kNone},
    {"t", "tonne|tonnes|metric ton|metric tons", kMass, "1000", "", "", kNone},
    {"", "short ton|short tons|us ton|us tons", kMass, "907.18474", "", "", kNone},
    {"", "long ton|long tons|imperial ton|imperial tons", kMass, "1016.0469088", "", "", kNone},
    {"", "ton|tons", kMass, "907.18474", "", "US short tons", kNone},
    {"", "ton|tons", kMass, "1000", "", "metric tons", kNone},
    {"", "ton|tons", kMass, "1016.0469088", "", "UK long tons", kNone},
    {"gr", "grain|grains", kMass, "0.00006479891", "", "", kNone},
    {"ct", "carat|carats", kMass, "0.0002", "", "", kNone},

    {"L|l", "liter|liters|litre|litres", kVolume, "0.001", "", "", kMetric},
    {"cc", "cc|ccs", kVolume, "1e-6", "", "", kNone},
    {"gal", "gallon|gallons", kVolume, "0.003785411784", "", "US", kNone},
    {"gal", "gallon|gallons", kVolume, "0.00454609", "", "imperial", kNone},
    {"", "us gallon|us gallons", kVolume, "0.003785411784", "", "", kNone},
    {"", "imperial gallon|imperial gallons|uk gallon|uk gallons", kVolume, "0.00454609", "", "",
     kNone},
    {"qt", "quart|quarts", kVolume, "0.000946352946", "", "US", kNone},
    {"qt", "quart|quarts", kVolume, "0.0011365225", "", "imperial", kNone},
    {"", "us quart|us quarts", kVolume, "0.000946352946", "", "", kNone},
    {"pt", "pint|pints", kVolume, "0.000473176473", "", "US", kNone},
    {"pt", "pint|pints", kVolume, "0.00056826125", "", "imperial", kNone},
    {"", "us pint|us pints", kVolume, "0.000473176473", "", "", kNone},
    {"", "imperial pint|imperial pints|uk pint|uk pints", kVolume, "0.00056826125", "", "", kNone},
    {"", "cup|cups", kVolume, "0.0002365882365", "", "US", kNone},
    {"", "cup|cups", kVolume, "0.00025", "", "metric", kNone},
    {"", "us cup|us cups", kVolume, "0.0002365882365", "", "", kNone},
    {"", "metric cup|metric cups", kVolume, "0.00025", "", "", kNone},
    {"fl oz|floz", "fluid ounce|fluid ounces|fl ounce|fl ounces", kVolume, "0.0000295735295625", "",
     "US", kNone},
    {"fl oz|floz", "fluid ounce|fluid ounces|fl ounce|fl ounces", kVolume, "0.0000284130625", "",
     "imperial", kNone},
    {"oz", "ounce|ounces", kVolume, "0.0000295735295625", "", "US", kNone},
    {"oz", "ounce|ounces", kVolume, "0.0000284130625", "", "imperial", kNone},
    {"", "us fluid ounce|us fluid ounces", kVolume, "0.0000295735295625", "", "", kNone},
    {"tbsp", "tablespoon|tablespoons", kVolume, "0.00001478676478125", "", "US", kNone},
    {"tbsp", "tablespoon|tablespoons", kVolume, "0.000015", "", "metric", kNone},
    {"tsp", "teaspoon|teaspoons", kVolume, "0.00000492892159375", "", "US", kNone},
    {"tsp", "teaspoon|teaspoons", kVolume, "0.000005", "", "metric", kNone},

    {"ha", "hectare|hectares", kArea, "10000", "", "", kNone},
    {"ac", "acre|acres", kArea, "4046.8564224", "", "", kNone},
    {"sqm", "square meter|square meters", kArea, "1", "", "", kNone},
    {"sqft|sq ft", "square foot|square feet", kArea, "0.09290304", "", "", kNone},
    {"sqmi|sq mi", "square mile|square miles", kArea, "2589988.110336", "", "", kNone},
    {"sqkm|sq km", "square kilometer|square kilometers", kArea, "1000000", "", "", kNone},

    {"s|sec|secs", "second|seconds", kTime, "1", "", "", kMetric},
    {"min|mins", "minute|minutes", kTime, "60", "", "", kNone},
    {"h|hr|hrs", "hour|hours", kTime, "3600", "", "", kNone},
    {"d", "day|days", kTime, "86400", "", "", kNone},
    {"wk", "week|weeks", kTime, "604800", "", "", kNone},
    {"", "fortnight|fortnights", kTime, "1209600", "", "", kNone},
    {"", "leap year|leap years", kTime, "31622400", "", "", kNone},
    {"yr|yrs", "year|years", kTime, "31536000", "", "365 days", kNone},
    {"yr|yrs", "year|years", kTime, "31557600", "", "365.25 days", kNone},
    {"", "decade|decades", kTime, "315576000", "", "365.25-day years", kNone},
    {"", "century|centuries", kTime, "3155760000", "", "365.25-day years", kNone},

    {"K", "kelvin|kelvins|degree kelvin|degrees kelvin", kTemperature, "1", "", "", kNone},
    {"°C|C|℃",
     "degree celsius|degrees celsius|celsius|centigrade|degrees centigrade|degrees c|degree c|deg "
     "c",
     kTemperature, "1", "273.15", "", kNone},
    {"°F|F|℉", "degree fahrenheit|degrees fahrenheit|fahrenheit|degrees f|degree f|deg f",
     kTemperature, "5/9", "45967/180", "", kNone},
    {"°R", "degree rankine|degrees rankine|rankine", kTemperature, "5/9", "", "", kNone},

    {"bit|b", "bit|bits", kData, "1", "", "", Prefixes::kData},
    {"B", "byte|bytes", kData, "8", "", "", Prefixes::kData},
    {"", "nibble|nibbles", kData, "4", "", "", kNone},
    {"bps", "bit per second|bits per second", kDataRate, "1", "", "", kMetric},

    {"", "turn|turns|revolution|revolutions", kAngle, "1", "", "", kNone},
    {"°|deg", "degree|degrees", kAngle, "1/360", "", "", kNone},
    {"rad", "radian|radians", kAngle, kRadianInTurns, "", "", kMetric},
    {"grad|gon", "gradian|gradians|gon|gons", kAngle, "1/400", "", "", kNone},
    {"arcmin", "arcminute|arcminutes|minute of arc|minutes of arc|arc minute|arc minutes", kAngle,
     "1/21600", "", "", kNone},
    {"arcsec", "arcsecond|arcseconds|second of arc|seconds of arc|arc second|arc seconds", kAngle,
     "1/1296000", "", "", kNone},

    {"mph", "mile per hour|miles per hour|miles an hour", kSpeed, "0.44704", "", "", kNone},
    {"kph|kmh|kmph", "kilometer per hour|kilometers per hour|kilometers an hour", kSpeed, "5/18",
     "", "", kNone},
    {"fps", "foot per second|feet per second", kSpeed, "0.3048", "", "", kNone},
    {"kn|kt|kts", "knot|knots", kSpeed, "463/900", "", "", kNone},
    {"", "speed of light", kSpeed, "299792458", "", "", kNone},

    {"J", "joule|joules", kEnergy, "1", "", "", kMetric},
    {"cal", "calorie|calories", kEnergy, "4.184", "", "thermochemical calories", kNone},
    {"cal", "calorie|calories", kEnergy, "4184", "", "food calories, kcal", kNone},
    {"kcal", "kilocalorie|kilocalories", kEnergy, "4184", "", "", kNone},
    {"Wh", "watt hour|watt hours|watt-hour|watt-hours", kEnergy, "3600", "", "", kMetric},
    {"BTU|Btu|btu", "british thermal unit|british thermal units", kEnergy, "1055.05585262", "", "",
     kNone},
    {"eV", "electronvolt|electronvolts|electron volt|electron volts", kEnergy, "1.602176634e-19",
     "", "", kMetric},

    {"W", "watt|watts", kPower, "1", "", "", kMetric},
    {"hp", "horsepower|horsepowers", kPower, "745.69987158227022", "", "mechanical", kNone},
    {"hp", "horsepower|horsepowers", kPower, "735.49875", "", "metric", kNone},
    {"PS", "metric horsepower|metric horsepowers", kPower, "735.49875", "", "", kNone},

    {"Pa", "pascal|pascals", kPressure, "1", "", "", kMetric},
    {"bar", "bar|bars", kPressure, "100000", "", "", kMetric},
    {"atm", "atmosphere|atmospheres", kPressure, "101325", "", "", kNone},
    {"psi", "pound per square inch|pounds per square inch", kPressure, "8896443230521/1290320000",
     "", "", kNone},
    {"mmHg", "millimeter of mercury|millimeters of mercury", kPressure, "133.322387415", "", "",
     kNone},
    {"Torr|torr", "torr|torrs", kPressure, "20265/152", "", "", kNone},

    {"N", "newton|newtons", kForce, "1", "", "", kMetric},
    {"lbf", "pound-force|pounds-force|pound force|pounds force", kForce, "4.4482216152605", "", "",
     kNone},
    {"kgf", "kilogram-force|kilograms-force|kilogram force", kForce, "9.80665", "", "", kNone},
    {"Hz", "hertz|hertz", kFrequency, "1", "", "", kMetric},
    {"rpm", "revolution per minute|revolutions per minute", kFrequency, "1/60", "", "", kNone},

    {"mpg", "mile per gallon|miles per gallon", kFuel, "48000000000/112903", "", "US", kNone},
    {"mpg", "mile per gallon|miles per gallon", kFuel, "160934400000/454609", "", "imperial",
     kNone},
    {"", "us mpg|mpg us|mpg (us)", kFuel, "48000000000/112903", "", "", kNone},
    {"", "imperial mpg|uk mpg|mpg uk|mpg imperial", kFuel, "160934400000/454609", "", "", kNone},
};

constexpr Prefix kMetricPrefixes[] = {
    {"k", "kilo", "1e3"},   {"M", "mega", "1e6"},   {"G", "giga", "1e9"},   {"T", "tera", "1e12"},
    {"P", "peta", "1e15"},  {"h", "hecto", "1e2"},  {"da", "deca", "1e1"},  {"d", "deci", "1e-1"},
    {"c", "centi", "1e-2"}, {"m", "milli", "1e-3"}, {"µ", "micro", "1e-6"}, {"μ", "micro", "1e-6"},
    {"u", "micro", "1e-6"}, {"n", "nano", "1e-9"},  {"p", "pico", "1e-12"},
};

constexpr Prefix kBinaryPrefixes[] = {
    {"Ki", "kibi", "1024"},
    {"Mi", "mebi", "1048576"},
    {"Gi", "gibi", "1073741824"},
    {"Ti", "tebi", "1099511627776"},
    {"Pi", "pebi", "1125899906842624"},
};

}  // namespace

std::span<const UnitEntry> UnitTable() { return kUnits; }

std::span<const Prefix> MetricPrefixes() { return kMetricPrefixes; }

std::span<const Prefix> BinaryPrefixes() { return kBinaryPrefixes; }

}  // namespace moerge::tools
