// Medication notebook texts for tests, written as UTF-8 with LF. All persons are fictitious.
#ifndef RENKEI_TESTS_CLIENT_DOCUMENTS_JAHIS_TEXT_H_
#define RENKEI_TESTS_CLIENT_DOCUMENTS_JAHIS_TEXT_H_

#include <string>
#include <string_view>

#include "client/documents/jahis.h"
#include "client/documents/shift_jis.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents::testing {

// Shift_JIS with CRLF, as pharmacies write it.
inline Bytes Real(std::string_view utf8) {
  std::string lines;
  for (const char c : utf8) {
    lines += c == '\n' ? "\r\n" : std::string(1, c);
  }
  return EncodeShiftJis(lines).bytes;
}

inline FormOutcome Import(std::string_view utf8) {
  return ImportJahis({Real(utf8)}, Now());
}

inline constexpr std::string_view kHead =
    "JAHISTC08,1\n"
    "1,架空 太郎,1,S550101\n"
    "5,R080310,1\n"
    "11,架空薬局,13,4,1234567,,,,1\n"
    "51,架空病院,13,1,1234567,1\n"
    "55,架空 次郎,内科,1\n";

// Every record type, every column.
inline constexpr std::string_view kFull =
    "JAHISTC08,1\n"
    "1,架空 太郎,1,19800101,105-0004,東京都架空区1-2-3,03-0000-0000,090-0000-0000,A+,52.3,ｶｸｳ ﾀﾛｳ\n"
    "2,1,乳製品,1\n"
    "2,9,嚥下困難,2\n"
    "3,見本感冒薬,20260301,20260303,2,7,4900000000000\n"
    "31,7,イブプロフェン,2,1149001,2\n"
    "31,7,無水カフェイン,1,,1\n"
    "4,健康診断,20260305,2\n"
    "5,20260310,1\n"
    "11,架空薬局,13,4,1234567,105-0004,東京都架空区1-1-1,03-0000-0001,1\n"
    "15,見本 薬子,03-0000-0001,1\n"
    "51,架空病院,13,1,7654321,1\n"
    "55,架空 次郎,内科,1\n"
    "201,1,ノルバスク錠２．５ｍｇ,1,錠,2,612170709,1,【般】アムロジピン錠,2,1179044F1ZZZ\n"
    "281,1,朝1錠,1\n"
    "291,1,グレープフルーツを避ける,1\n"
    "201,1,ﾐﾎﾝ錠,0.5,錠,1,,8,,,\n"
    "301,1,1日1回朝食後,14,日分,1,2,1011000400000000,1\n"
    "311,1,一包化,1\n"
    "391,1,車の運転は控える,1\n"
    "55,見本 三郎,皮膚科,1\n"
    "201,2,見本軟膏,10,g,1,,1,,,\n"
    "301,2,1日2回塗布,1,調剤,5,1,,1\n"
    "401,他の薬は相談,1\n"
    "411,粉砕して投与,31,1\n"
    "421,見本錠が12錠残薬,1\n"
    "501,備考です,1\n"
    "601,昼に眠い,20260311\n"
    "5,20260220,1\n"
    "11,架空薬局 南店,13,4,1234568,,,,1\n"
    "51,架空医院,13,1,7654322,1\n"
    "201,1,見本錠,3,錠,1,,1,,,\n"
    "301,1,毎食後,7,日分,1,1,,1\n"
    "701,見本 薬子,架空薬局,03-0000-0001,20260310,20270310,1\n";

}  // namespace renkei::documents::testing

#endif  // RENKEI_TESTS_CLIENT_DOCUMENTS_JAHIS_TEXT_H_
