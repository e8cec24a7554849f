// Each thing that a certificate of ours may not be, made by OpenSSL and validly signed by its
// issuer: the role table must refuse it, not the signature.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/pki/certificate.h"
#include "crypto/pki/openssl_util.h"
#include "tests/crypto/pki/forge.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

using test::AddExtension;
using test::RemoveExtension;
using test::ReplaceExtension;

constexpr const char* kSigningPolicy = "critical,2.25.65633550142358869154825329332928003072.1.4";
constexpr const char* kKeyPolicy = "critical,2.25.65633550142358869154825329332928003072.1.5";
constexpr const char* kTlsPolicy = "critical,2.25.65633550142358869154825329332928003072.1.6";

class ForgedCertificate : public testing::Test {
 protected:
  using Change = std::function<void(X509*)>;

  bool Accepts(const Certificate& model, const Change& change) {
    const auto read = Certificate::Parse(test::Forge(model, institution_.key(), change));
    if (!read.ok()) {
      EXPECT_EQ(read.error().code(), Code::kMalformed);
    }
    return read.ok();
  }
  bool Accepts(const Change& change) { return Accepts(device_.signing.certificate, change); }
  bool AcceptsCa(const Change& change) { return Accepts(institution_.certificate(), change); }

  test::Region region_{2};
  Issuer institution_ = region_.AddInstitution("架空病院", InstitutionKind::kHospital);
  test::Device device_ = region_.AddDevice(institution_, test::SomeDoctor(region_.random()));
};

void SetText(X509* x509, int nid, int type, const std::string& text) {
  X509_NAME* name = X509_get_subject_name(x509);
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  X509_NAME_ENTRY* entry =
      X509_NAME_ENTRY_create_by_NID(nullptr, nid, type, bytes, static_cast<int>(text.size()));
  if (at >= 0) {
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, at));
  }
  RENKEI_CHECK(entry != nullptr && X509_NAME_add_entry(name, entry, at, 0) == 1);
  X509_NAME_ENTRY_free(entry);
}

Certificate WithoutChange(const Certificate& model, const SigningKey& key) {
  return Certificate::Parse(test::Forge(model, key, [](X509*) {})).value();
}

TEST_F(ForgedCertificate, SigningAgainWithoutChangeIsTheSame) {
  EXPECT_EQ(WithoutChange(device_.signing.certificate, institution_.key()),
            device_.signing.certificate);
}

TEST_F(ForgedCertificate, OtherVersionsAreRefused) {
  EXPECT_FALSE(Accepts([](X509* x) { X509_set_version(x, X509_VERSION_1); }));
  EXPECT_FALSE(Accepts([](X509* x) { X509_set_version(x, X509_VERSION_2); }));
}

TEST_F(ForgedCertificate, UnknownExtensionsAreRefusedCriticalOrNot) {
  EXPECT_FALSE(Accepts([](X509* x) { AddExtension(x, NID_netscape_comment, "hello"); }));
  EXPECT_FALSE(Accepts([](X509* x) { AddExtension(x, NID_netscape_comment, "critical,hello"); }));
  EXPECT_FALSE(Accepts([](X509* x) {
    AddExtension(x, NID_crl_distribution_points, "URI:http://crl.example/list");
  }));
  EXPECT_FALSE(
      Accepts([](X509* x) { AddExtension(x, NID_info_access, "OCSP;URI:http://ocsp.example"); }));
}

TEST_F(ForgedCertificate, MissingExtensionsAreRefused) {
  for (const int nid :
       {NID_key_usage, NID_ext_key_usage, NID_certificate_policies, NID_subject_alt_name,
        NID_subject_key_identifier, NID_authority_key_identifier}) {
    EXPECT_FALSE(Accepts([nid](X509* x) { RemoveExtension(x, nid); })) << OBJ_nid2sn(nid);
  }
  for (const int nid : {NID_basic_constraints, NID_name_constraints, NID_ext_key_usage}) {
    EXPECT_FALSE(AcceptsCa([nid](X509* x) { RemoveExtension(x, nid); })) << OBJ_nid2sn(nid);
  }
}

TEST_F(ForgedCertificate, RepeatedAndReorderedExtensionsAreRefused) {
  EXPECT_FALSE(Accepts([](X509* x) { AddExtension(x, NID_certificate_policies, kSigningPolicy); }));
  EXPECT_FALSE(Accepts([](X509* x) {
    X509_EXTENSION* first = X509_delete_ext(x, 0);
    X509_add_ext(x, first, -1);
    X509_EXTENSION_free(first);
  }));
}

TEST_F(ForgedCertificate, CriticalityIsFixed) {
  for (const int nid : {NID_key_usage, NID_ext_key_usage, NID_certificate_policies}) {
    EXPECT_FALSE(Accepts([nid](X509* x) { test::SetCritical(x, nid, false); })) << nid;
  }
  EXPECT_FALSE(Accepts([](X509* x) { test::SetCritical(x, NID_subject_alt_name, true); }));
  EXPECT_FALSE(AcceptsCa([](X509* x) { test::SetCritical(x, NID_basic_constraints, false); }));
  EXPECT_FALSE(AcceptsCa([](X509* x) { test::SetCritical(x, NID_name_constraints, false); }));
}

TEST_F(ForgedCertificate, ARoleCannotBeExchangedForAnother) {
  const auto policy = [](const char* value) {
    return [value](X509* x) { ReplaceExtension(x, NID_certificate_policies, value); };
  };
  EXPECT_TRUE(Accepts(policy(kSigningPolicy)));
  EXPECT_FALSE(Accepts(policy(kTlsPolicy)));
  EXPECT_FALSE(Accepts(policy(kKeyPolicy)));
  EXPECT_FALSE(Accepts(policy("critical,2.5.29.32.0")));
  EXPECT_FALSE(Accepts(policy("critical,1.2.3.4")));
  EXPECT_FALSE(
      Accepts(policy("critical,2.25.65633550142358869154825329332928003072.1.4,2.5.29.32.0")));
  EXPECT_FALSE(Accepts(device_.tls.certificate, policy(kSigningPolicy)));
  EXPECT_FALSE(Accepts(device_.key, policy(kSigningPolicy)));
}

TEST_F(ForgedCertificate, KeyUsageIsExactlyTheRoles) {
  for (const char* value :
       {"critical,keyAgreement", "critical,digitalSignature,keyAgreement",
        "critical,digitalSignature,keyCertSign", "critical,digitalSignature,nonRepudiation",
        "critical,keyEncipherment", "digitalSignature"}) {
    EXPECT_FALSE(Accepts([value](X509* x) { ReplaceExtension(x, NID_key_usage, value); })) << value;
  }
  EXPECT_FALSE(
      AcceptsCa([](X509* x) { ReplaceExtension(x, NID_key_usage, "critical,keyCertSign"); }));
}

TEST_F(ForgedCertificate, ExtendedUseIsExactlyTheRoles) {
  for (const char* value :
       {"critical,serverAuth", "critical,clientAuth,serverAuth", "critical,anyExtendedKeyUsage",
        "clientAuth", "critical,2.25.65633550142358869154825329332928003072.2"}) {
    const auto change = [value](X509* x) { ReplaceExtension(x, NID_ext_key_usage, value); };
    EXPECT_FALSE(Accepts(device_.tls.certificate, change)) << value;
    EXPECT_FALSE(AcceptsCa(change)) << value;
  }
  EXPECT_FALSE(AcceptsCa([](X509* x) {
    ReplaceExtension(x, NID_ext_key_usage,
                     "critical,clientAuth,2.25.65633550142358869154825329332928003072.2,"
                     "serverAuth");
  }));
}

TEST_F(ForgedCertificate, ALeafIsNoCaAndAnInstitutionHasNoSubordinates) {
  EXPECT_FALSE(
      Accepts([](X509* x) { AddExtension(x, NID_basic_constraints, "critical,CA:TRUE"); }));
  EXPECT_FALSE(
      Accepts([](X509* x) { AddExtension(x, NID_basic_constraints, "critical,CA:FALSE"); }));
  for (const char* value :
       {"critical,CA:TRUE", "critical,CA:TRUE,pathlen:1", "critical,CA:FALSE"}) {
    EXPECT_FALSE(AcceptsCa([value](X509* x) { ReplaceExtension(x, NID_basic_constraints, value); }))
        << value;
  }
}

TEST_F(ForgedCertificate, NameConstraintsAreExactlyTheInstitutions) {
  for (const char* value :
       {"critical,permitted;URI:11111111-1111-4111-8111-111111111111",
        "critical,excluded;DNS:example.org", "critical,permitted;DNS:renkei.internal"}) {
    EXPECT_FALSE(AcceptsCa([value](X509* x) { ReplaceExtension(x, NID_name_constraints, value); }))
        << value;
  }
}

TEST_F(ForgedCertificate, AlternativeNamesAreOneUriOfTheRolesForm) {
  const std::string own = FormatUri(UriForm::kDevice, device_.signing.certificate.ids());
  const auto names = [](const std::string& value) {
    return [value](X509* x) { ReplaceExtension(x, NID_subject_alt_name, value); };
  };
  EXPECT_TRUE(Accepts(names("URI:" + own)));
  EXPECT_FALSE(Accepts(names("URI:" + own + ",DNS:relay.example")));
  EXPECT_FALSE(Accepts(names("DNS:relay.example,URI:" + own)));
  EXPECT_FALSE(Accepts(names("URI:" + own + ",URI:" + own)));
  EXPECT_FALSE(Accepts(names("URI:" + own + ",email:a@b.example")));
  EXPECT_FALSE(Accepts(names("URI:" + own + ",IP:192.0.2.1")));
  EXPECT_FALSE(Accepts(names("DNS:relay.example")));
  EXPECT_FALSE(Accepts(names("URI:https://example.org/")));
  EXPECT_FALSE(
      Accepts(names("URI:" + FormatUri(UriForm::kInstitution, device_.signing.certificate.ids()))));
}

TEST_F(ForgedCertificate, NamesAreUtf8InOurOrderWithNothingElse) {
  EXPECT_FALSE(Accepts([](X509* x) { SetText(x, NID_commonName, V_ASN1_PRINTABLESTRING, "Abc"); }));
  EXPECT_FALSE(Accepts([](X509* x) { SetText(x, NID_commonName, V_ASN1_BMPSTRING, "Abcd"); }));
  EXPECT_TRUE(Accepts([](X509* x) { SetText(x, NID_commonName, V_ASN1_UTF8STRING, "架空 次郎"); }));
  EXPECT_FALSE(Accepts([](X509* x) { SetText(x, NID_commonName, V_ASN1_UTF8STRING, "a\nb"); }));
  EXPECT_FALSE(Accepts([](X509* x) { SetText(x, NID_commonName, V_ASN1_UTF8STRING, "a.b"); }));
  EXPECT_FALSE(Accepts([](X509* x) { SetText(x, NID_countryName, V_ASN1_PRINTABLESTRING, "JP"); }));
  EXPECT_FALSE(Accepts(
      [](X509* x) { SetText(x, NID_pkcs9_emailAddress, V_ASN1_IA5STRING, "a@b.example"); }));
  EXPECT_FALSE(Accepts([](X509* x) { SetText(x, NID_dnQualifier, V_ASN1_PRINTABLESTRING, "00"); }));
}

TEST_F(ForgedCertificate, NamesThatAreNotUtf8AreRefused) {
  // OpenSSL does not make these, so the bytes are changed under the signature.
  const std::string name = device_.signing.certificate.name();
  Bytes changed = test::ToBeSigned(device_.signing.certificate.der());
  const auto at =
      std::search(changed.begin(), changed.end(), name.begin(), name.end(),
                  [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
  ASSERT_NE(at, changed.end());
  *at = 0xFF;
  EXPECT_EQ(Certificate::Parse(test::SignBytes(changed, institution_.key())).error().code(),
            Code::kMalformed);
}

TEST_F(ForgedCertificate, ProfessionAndInstitutionAreChecked) {
  const auto title = [](const char* value) {
    return [value](X509* x) { SetText(x, NID_title, V_ASN1_UTF8STRING, value); };
  };
  EXPECT_TRUE(Accepts(title("Pharmacist")));
  EXPECT_FALSE(Accepts(title("pharmacist")));
  EXPECT_FALSE(Accepts(title("Wizard")));
  EXPECT_FALSE(AcceptsCa(title("Medical Doctor")));
  EXPECT_FALSE(
      Accepts([](X509* x) { SetText(x, NID_organizationName, V_ASN1_UTF8STRING, "別の病院"); }));
  EXPECT_FALSE(
      AcceptsCa([](X509* x) { SetText(x, NID_businessCategory, V_ASN1_UTF8STRING, "Casino"); }));
  EXPECT_FALSE(AcceptsCa(
      [](X509* x) { SetText(x, NID_dnQualifier, V_ASN1_PRINTABLESTRING, std::string(40, '0')); }));
}

TEST_F(ForgedCertificate, SerialsAreTwentyBytesOfOurForm) {
  const auto serial = [](const Bytes& bytes) {
    return [bytes](X509* x) {
      const Owned<ASN1_STRING, ASN1_STRING_free> value(NewString(V_ASN1_INTEGER, bytes));
      X509_set_serialNumber(x, value.get());
    };
  };
  EXPECT_TRUE(Accepts(serial(Bytes(20, 0x41))));
  EXPECT_FALSE(Accepts(serial(Bytes(19, 0x41))));
  EXPECT_FALSE(Accepts(serial(Bytes(21, 0x41))));
  EXPECT_FALSE(Accepts(serial(Bytes(20, 0x81))));
  EXPECT_FALSE(Accepts(serial(Bytes(20, 0x01))));
  EXPECT_FALSE(Accepts(serial(Bytes{0})));
}

TEST_F(ForgedCertificate, LifetimesAreBounded) {
  const auto end = [](Millis at) {
    return [at](X509* x) { ASN1_TIME_set(X509_getm_notAfter(x), at.value / 1000); };
  };
  const Millis start = device_.signing.certificate.not_before();
  EXPECT_TRUE(Accepts(end(start + Seconds(1))));
  EXPECT_FALSE(Accepts(end(start)));
  EXPECT_FALSE(Accepts(end(start - Days(1))));
  EXPECT_TRUE(Accepts(end(start + ProfileOf(CertRole::kDeviceSigning).max_lifetime)));
  EXPECT_FALSE(Accepts(end(start + ProfileOf(CertRole::kDeviceSigning).max_lifetime + Seconds(1))));
}

TEST_F(ForgedCertificate, TimesHaveTheOneEncoding) {
  // GeneralizedTime before 2050, which DER in X.509 does not allow (RFC 5280 §4.1.2.5).
  EXPECT_FALSE(Accepts([](X509* x) {
    ASN1_GENERALIZEDTIME_set(X509_getm_notAfter(x),
                             X509_get0_notBefore(x) == nullptr ? 0 : 1740000000);
  }));
}

TEST_F(ForgedCertificate, KeysAreOfTheRolesType) {
  const auto key = [](int type, const PublicKey& bytes) {
    return [type, bytes](X509* x) {
      const Owned<EVP_PKEY, EVP_PKEY_free> pkey(
          EVP_PKEY_new_raw_public_key(type, nullptr, bytes.data(), bytes.size()));
      X509_set_pubkey(x, pkey.get());
      const Owned<ASN1_STRING, ASN1_STRING_free> id(NewString(V_ASN1_OCTET_STRING, KeyIdOf(bytes)));
      const int at = X509_get_ext_by_NID(x, NID_subject_key_identifier, -1);
      RemoveExtension(x, NID_subject_key_identifier);
      X509_add1_ext_i2d(x, NID_subject_key_identifier, id.get(), 0, X509V3_ADD_APPEND);
      X509_EXTENSION* moved = X509_delete_ext(x, X509_get_ext_count(x) - 1);
      X509_add_ext(x, moved, at);
      X509_EXTENSION_free(moved);
    };
  };
  const PublicKey ed = SigningKey::Generate(region_.random()).public_key();
  const PublicKey x = test::NewX25519(region_.random());
  EXPECT_TRUE(Accepts(key(EVP_PKEY_ED25519, ed)));
  EXPECT_FALSE(Accepts(key(EVP_PKEY_X25519, x)));
  EXPECT_TRUE(Accepts(device_.key, key(EVP_PKEY_X25519, x)));
  EXPECT_FALSE(Accepts(device_.key, key(EVP_PKEY_ED25519, ed)));
  // Keys of low order: the neutral point, and zero.
  EXPECT_FALSE(Accepts(key(EVP_PKEY_ED25519, PublicKey{1})));
  EXPECT_FALSE(Accepts(device_.key, key(EVP_PKEY_X25519, PublicKey{})));
  EXPECT_FALSE(Accepts(device_.key, key(EVP_PKEY_X25519, PublicKey{1})));
}

TEST_F(ForgedCertificate, OtherAlgorithmsAreRefused) {
  const Owned<EVP_PKEY, EVP_PKEY_free> ec(EVP_EC_gen("P-256"));
  const X509Ptr x509 = DecodeX509(device_.signing.certificate.der()).value();
  ASSERT_GT(X509_sign(x509.get(), ec.get(), EVP_sha256()), 0);
  std::uint8_t* der = nullptr;
  const int length = i2d_X509(x509.get(), &der);
  ASSERT_GT(length, 0);
  EXPECT_EQ(Certificate::Parse({der, static_cast<std::size_t>(length)}).error().code(),
            Code::kMalformed);
  OPENSSL_free(der);
}

TEST_F(ForgedCertificate, TheIssuersNameAndKeyIdMustAgree) {
  EXPECT_FALSE(Accepts([&](X509* x) {
    X509_set_issuer_name(x, BuildName(region_.issuing().certificate().fields().subject).get());
  }));
  const auto key_id = [](const KeyId& id, bool with_serial) {
    return [id, with_serial](X509* x) {
      RemoveExtension(x, NID_authority_key_identifier);
      const Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> value(AUTHORITY_KEYID_new());
      value->keyid = NewString(V_ASN1_OCTET_STRING, id);
      if (with_serial) {
        value->serial = NewString(V_ASN1_INTEGER, Bytes{1});
      }
      X509_add1_ext_i2d(x, NID_authority_key_identifier, value.get(), 0, X509V3_ADD_APPEND);
    };
  };
  const KeyId own = institution_.certificate().subject_key_id();
  EXPECT_TRUE(Accepts(key_id(own, false)));
  EXPECT_FALSE(Accepts(key_id(own, true)));
  EXPECT_FALSE(Accepts(key_id(region_.issuing().certificate().subject_key_id(), false)));
}

TEST_F(ForgedCertificate, BytesOfAnotherEncodingRuleAreRefused) {
  // The outer length in more bytes than needed (BER, not DER), and an indefinite length.
  const Bytes der = device_.signing.certificate.der();
  Bytes padded = {0x30, 0x83, 0x00};
  padded.insert(padded.end(), der.begin() + 2, der.end());
  EXPECT_FALSE(Certificate::Parse(padded).ok());
  Bytes indefinite = {0x30, 0x80};
  indefinite.insert(indefinite.end(), der.begin() + 4, der.end());
  indefinite.insert(indefinite.end(), {0, 0});
  EXPECT_FALSE(Certificate::Parse(indefinite).ok());
  // BOOLEAN TRUE of a critical extension written as 1 instead of 0xFF.
  Bytes loose = test::ToBeSigned(der);
  const Bytes critical = {0x01, 0x01, 0xFF};
  const auto at = std::search(loose.begin(), loose.end(), critical.begin(), critical.end());
  ASSERT_NE(at, loose.end());
  *(at + 2) = 0x01;
  EXPECT_FALSE(Certificate::Parse(test::SignBytes(loose, institution_.key())).ok());
}

}  // namespace
}  // namespace renkei::pki
