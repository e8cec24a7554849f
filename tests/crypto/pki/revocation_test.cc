#include "crypto/pki/revocation.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "crypto/pki/openssl_util.h"
#include "tests/crypto/pki/forge.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

constexpr Millis kNow = test::kRegionStart + Days(30);
constexpr Millis kNext = kNow + Days(7);

class RevocationTest : public testing::Test {
 protected:
  Result<RevocationList> List(std::vector<Revocation> revoked, std::uint64_t number = 1) const {
    return CreateCrl(institution_, std::move(revoked), number, kNow, kNext);
  }
  RevocationList OneList() const { return OneListNumber(1); }
  RevocationList OneListNumber(std::uint64_t number) const {
    return List({{device_.tls.certificate.serial(), kNow - Days(1),
                  RevocationReason::kKeyCompromise}},
                number)
        .value();
  }
  static Serial SomeSerial(std::uint8_t last) {
    Serial out{};
    out[0] = 0x40;
    out[kSerialBytes - 1] = last;
    return out;
  }
  static Code CodeOf(const Bytes& der) {
    const auto list = RevocationList::Parse(der);
    return list.ok() ? Code::kInternal : list.error().code();
  }
  bool Accepts(const std::function<void(X509_CRL*)>& change) const {
    const Bytes der = test::ForgeCrl(OneList(), institution_.key(), change);
    const auto list = RevocationList::Parse(der);
    if (!list.ok()) {
      EXPECT_EQ(list.error().code(), Code::kMalformed);
    }
    return list.ok();
  }

  test::Region region_{10};
  Issuer institution_ = region_.AddInstitution("架空歯科医院", InstitutionKind::kDentalClinic);
  Issuer other_ = region_.AddInstitution("架空薬局", InstitutionKind::kPharmacy);
  test::Device device_ = region_.AddDevice(institution_, test::SomeDoctor(region_.random()));
};

TEST_F(RevocationTest, AListShowsWhatWasSigned) {
  const RevocationList list = List({{SomeSerial(9), kNow, RevocationReason::kSuperseded},
                                    {SomeSerial(3), kNow - Days(2) + Millis{5}, {}}},
                                   12)
                                  .value();
  const RevocationListFields& fields = list.fields();
  EXPECT_EQ(fields.number, 12U);
  EXPECT_EQ(fields.this_update, kNow);
  EXPECT_EQ(fields.next_update, kNext);
  EXPECT_EQ(fields.issuer_key_id, institution_.certificate().subject_key_id());
  ASSERT_EQ(fields.revoked.size(), 2U);
  EXPECT_EQ(fields.revoked[0], (Revocation{SomeSerial(3), kNow - Days(2), {}}));
  EXPECT_EQ(fields.revoked[1].reason, RevocationReason::kSuperseded);
  EXPECT_EQ(list.fingerprint(), Sha256(list.der()));
  EXPECT_TRUE(VerifyCrl(list, institution_.certificate()).ok());
}

TEST_F(RevocationTest, AnEmptyListIsAList) {
  const auto list = List({});
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->fields().revoked.empty());
  EXPECT_TRUE(VerifyCrl(*list, institution_.certificate()).ok());
}

TEST_F(RevocationTest, OnlyItsIssuersSignatureCounts) {
  const RevocationList list = OneList();
  for (const Certificate& wrong : {other_.certificate(), region_.issuing().certificate(),
                                   region_.root().certificate(), device_.signing.certificate}) {
    EXPECT_EQ(VerifyCrl(list, wrong).error().code(), Code::kAuthFailed);
  }
  // The institution's name, but another institution's key.
  const auto forged = RevocationList::Parse(test::ForgeCrl(list, other_.key(), [](X509_CRL*) {}));
  ASSERT_TRUE(forged.ok());
  EXPECT_EQ(VerifyCrl(*forged, institution_.certificate()).error().code(), Code::kAuthFailed);
}

TEST_F(RevocationTest, NoBitCanChangeUnnoticed) {
  const Bytes der = OneList().der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = der;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1U << bit));
      const auto read = RevocationList::Parse(changed);
      ASSERT_FALSE(read.ok() && VerifyCrl(*read, institution_.certificate()).ok()) << i;
    }
  }
}

TEST_F(RevocationTest, TruncatedLongerOrHugeIsRefused) {
  const Bytes der = OneList().der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(CodeOf(ToBytes(ByteView(der).first(size))), Code::kMalformed);
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(CodeOf(longer), Code::kMalformed);
  EXPECT_EQ(CodeOf(Bytes(kMaxRevocationListBytes + 1, 0x30)), Code::kTooLarge);
}

TEST_F(RevocationTest, TheLargestListFitsAndOneMoreDoesNot) {
  std::vector<Revocation> many;
  for (std::size_t i = 0; i < kMaxRevocations; ++i) {
    Serial serial = SomeSerial(static_cast<std::uint8_t>(i));
    serial[kSerialBytes - 2] = static_cast<std::uint8_t>(i >> 8U);
    many.push_back({serial, kNow, RevocationReason::kAffiliationChanged});
  }
  const auto list = List(many);
  ASSERT_TRUE(list.ok());
  EXPECT_LE(list->der().size(), kMaxRevocationListBytes);
  many.push_back({SomeSerial(1), kNow, {}});
  many.back().serial[0] = 0x7F;
  EXPECT_EQ(List(many).error().code(), Code::kTooLarge);
}

TEST_F(RevocationTest, WrongValuesAreNotSigned) {
  const Revocation entry = {SomeSerial(1), kNow, RevocationReason::kUnspecified};
  const auto code = [&](const Result<RevocationList>& list) {
    return list.ok() ? Code::kInternal : list.error().code();
  };
  EXPECT_EQ(code(List({entry}, 0)), Code::kMalformed);
  EXPECT_EQ(code(List({entry, entry})), Code::kMalformed);
  EXPECT_EQ(code(List({{SomeSerial(1), kNow + Seconds(1), {}}})), Code::kMalformed);
  EXPECT_EQ(code(List({{SomeSerial(1), Seconds(-1), {}}})), Code::kMalformed);
  EXPECT_EQ(code(List({{Serial{}, kNow, {}}})), Code::kMalformed);
  EXPECT_EQ(code(List({{SomeSerial(1), kNow, static_cast<RevocationReason>(6)}})),
            Code::kMalformed);
  EXPECT_EQ(code(CreateCrl(institution_, {}, 1, kNow, kNow)), Code::kMalformed);
  EXPECT_EQ(code(CreateCrl(institution_, {}, 1, kNow, kNow - Days(1))), Code::kMalformed);
}

TEST_F(RevocationTest, ForeignShapesAreRefused) {
  EXPECT_TRUE(Accepts([](X509_CRL*) {}));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) { X509_CRL_set_version(crl, 0); }));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) {
    X509_EXTENSION_free(X509_CRL_delete_ext(crl, 0));  // issuer key id
  }));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) {
    X509_EXTENSION_free(X509_CRL_delete_ext(crl, 1));  // number
  }));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) {
    const Owned<ASN1_STRING, ASN1_STRING_free> base(ASN1_INTEGER_new());
    ASN1_INTEGER_set(base.get(), 1);
    X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base.get(), 1, X509V3_ADD_APPEND);
  }));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) {
    X509_EXTENSION* number = X509_CRL_get_ext(crl, 1);
    X509_EXTENSION_set_critical(number, 1);
  }));
}

TEST_F(RevocationTest, ForeignEntriesAreRefused) {
  const auto reason = [](long number) {
    return [number](X509_CRL* crl) {
      X509_REVOKED* entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0);
      X509_EXTENSION_free(X509_REVOKED_delete_ext(entry, 0));
      const Owned<ASN1_STRING, ASN1_STRING_free> value(ASN1_ENUMERATED_new());
      ASN1_ENUMERATED_set(value.get(), number);
      X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value.get(), 0, X509V3_ADD_APPEND);
    };
  };
  EXPECT_TRUE(Accepts(reason(1)));
  EXPECT_FALSE(Accepts(reason(0)));  // unspecified is said by leaving it out
  EXPECT_FALSE(Accepts(reason(6)));  // certificateHold
  EXPECT_FALSE(Accepts(reason(8)));  // removeFromCRL
  EXPECT_FALSE(Accepts(reason(-1)));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) {
    X509_REVOKED* entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0);
    const Owned<ASN1_STRING, ASN1_STRING_free> serial(NewString(V_ASN1_INTEGER, Bytes{0x01, 0x02}));
    X509_REVOKED_set_serialNumber(entry, serial.get());
  }));
  EXPECT_FALSE(Accepts([](X509_CRL* crl) {  // twice the same
    X509_REVOKED* entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0);
    X509_CRL_add0_revoked(crl, X509_REVOKED_dup(entry));
  }));
}

TEST_F(RevocationTest, TheSetAnswersAsOfAMoment) {
  RevocationSet set;
  const Certificate& tls = device_.tls.certificate;
  EXPECT_FALSE(set.IsRevoked(tls, kNow));
  ASSERT_TRUE(set.Add(OneList(), institution_.certificate()).ok());
  EXPECT_FALSE(set.IsRevoked(tls, kNow - Days(1) - Millis{1}));
  EXPECT_TRUE(set.IsRevoked(tls, kNow - Days(1)));
  EXPECT_TRUE(set.IsRevoked(tls, kNow + Days(9999)));
  EXPECT_FALSE(set.IsRevoked(device_.signing.certificate, kNow));
  EXPECT_EQ(set.Find(tls)->reason, RevocationReason::kKeyCompromise);
  EXPECT_EQ(set.Find(device_.key), std::nullopt);
  EXPECT_EQ(set.ListOf(institution_.certificate().subject_key_id())->fields().number, 1U);
  EXPECT_FALSE(set.ListOf(other_.certificate().subject_key_id()).has_value());
}

TEST_F(RevocationTest, AnInstitutionRevokesItsOwnOnly) {
  // Another institution lists the same serial number: it means one of its own certificates.
  RevocationSet set;
  const auto list =
      CreateCrl(other_, {{device_.tls.certificate.serial(), kNow, {}}}, 1, kNow, kNext);
  ASSERT_TRUE(set.Add(*list, other_.certificate()).ok());
  EXPECT_FALSE(set.IsRevoked(device_.tls.certificate, kNow));
  EXPECT_EQ(set.Add(*list, institution_.certificate()).error().code(), Code::kAuthFailed);
}

TEST_F(RevocationTest, OldAndForkedListsAreNotTaken) {
  RevocationSet set;
  const Certificate& ca = institution_.certificate();
  const RevocationList second = List({{SomeSerial(1), kNow, {}}}, 2).value();
  ASSERT_TRUE(set.Add(second, ca).ok());
  EXPECT_TRUE(set.Add(second, ca).ok());
  EXPECT_EQ(set.Add(OneList(), ca).error().code(), Code::kConflict);
  EXPECT_FALSE(set.IsRevoked(device_.tls.certificate, kNow));
  const RevocationList fork = List({{SomeSerial(2), kNow, {}}}, 2).value();
  EXPECT_EQ(set.Add(fork, ca).error().code(), Code::kConflict);
  EXPECT_EQ(set.ListOf(ca.subject_key_id())->fingerprint(), second.fingerprint());
}

TEST_F(RevocationTest, RevokedOnceIsRevokedForEver) {
  RevocationSet set;
  const Certificate& ca = institution_.certificate();
  const Certificate& tls = device_.tls.certificate;
  ASSERT_TRUE(set.Add(OneList(), ca).ok());
  ASSERT_TRUE(set.Add(List({}, 2).value(), ca).ok());
  EXPECT_TRUE(set.IsRevoked(tls, kNow));
  ASSERT_TRUE(set.Add(List({{tls.serial(), kNow, {}}}, 3).value(), ca).ok());
  EXPECT_TRUE(set.IsRevoked(tls, kNow - Days(1))) << "a later time does not shorten it";
  ASSERT_TRUE(set.Add(List({{tls.serial(), kNow - Days(3), {}}}, 4).value(), ca).ok());
  EXPECT_TRUE(set.IsRevoked(tls, kNow - Days(3))) << "an earlier one extends it";
}

TEST_F(RevocationTest, ListsThatNameOthersEachTimeDoNotGrowTheSetWithoutEnd) {
  RevocationSet set;
  const Certificate& ca = institution_.certificate();
  std::vector<Revocation> many;
  for (std::size_t i = 0; i < kMaxRevocations; ++i) {
    Serial serial = SomeSerial(static_cast<std::uint8_t>(i));
    serial[kSerialBytes - 2] = static_cast<std::uint8_t>(i >> 8U);
    many.push_back({serial, kNow, {}});
  }
  ASSERT_TRUE(set.Add(List(many, 1).value(), ca).ok());
  EXPECT_EQ(set.Add(OneListNumber(2), ca).error().code(), Code::kTooLarge);
  EXPECT_FALSE(set.IsRevoked(device_.tls.certificate, kNow));
  EXPECT_EQ(set.ListOf(ca.subject_key_id())->fields().number, 1U);
}

}  // namespace
}  // namespace renkei::pki
