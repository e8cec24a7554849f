// What TLS between device and relay gives with these certificates, and what it does not. "OpenSSL
// alone" is what gRPC does before any code of ours sees the peer.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "crypto/pki/chain.h"
#include "crypto/pki/openssl_util.h"
#include "tests/crypto/pki/forge.h"
#include "tests/crypto/pki/handshake.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

constexpr Millis kNow = test::kRegionStart + Days(30);

class TlsTest : public testing::Test {
 protected:
  test::TlsParty Party(const test::Leaf& leaf, const std::vector<Certificate>& above) const {
    test::TlsParty out{{leaf.certificate.der()}, leaf.key.Clone()};
    for (const Certificate& c : above) {
      out.chain.push_back(c.der());
    }
    return out;
  }
  test::TlsParty Client(const test::Leaf& leaf) const {
    return Party(leaf, region_.Above(institution_));
  }
  test::TlsParty Relay(const test::Leaf& leaf) const {
    return Party(leaf, {region_.issuing().certificate()});
  }
  test::TlsOutcome Meet(const test::TlsParty& client, const test::TlsParty& relay,
                        Millis now = kNow) const {
    const Bytes& root = region_.root().certificate().der();
    return test::Handshake(client, relay, {root, root, RelayDnsName(region_.id()), now, false});
  }
  bool RelayTakes(const test::TlsParty& client) const {
    return Meet(client, Relay(relay_)).server_accepts;
  }
  bool DeviceTakes(const test::TlsParty& relay) const {
    return Meet(Client(device_.tls), relay).client_accepts;
  }

  test::Region region_{20};
  Issuer institution_ =
      region_.AddInstitution("架空訪問看護ステーション", InstitutionKind::kVisitingNurseStation);
  Issuer other_ = region_.AddInstitution("架空病院", InstitutionKind::kHospital);
  test::Device device_ = region_.AddDevice(institution_, test::SomeNurse(region_.random()));
  test::Leaf relay_ = region_.AddRelay(CertRole::kRelayTls);
};

TEST_F(TlsTest, DeviceAndRelayAuthenticateEachOtherInTls13) {
  const auto outcome = Meet(Client(device_.tls), Relay(relay_));
  EXPECT_TRUE(outcome.client_accepts);
  EXPECT_TRUE(outcome.server_accepts);
  EXPECT_EQ(outcome.version, "TLSv1.3");
  EXPECT_EQ(outcome.server_saw, device_.tls.certificate.der());
  EXPECT_EQ(outcome.client_saw, relay_.certificate.der());
}

TEST_F(TlsTest, WhatTheRelaySawNamesTheDevice) {
  const auto outcome = Meet(Client(device_.tls), Relay(relay_));
  const auto leaf = Certificate::Parse(outcome.server_saw);
  ASSERT_TRUE(leaf.ok());
  const auto identity =
      region_.Verifier().Verify(*leaf, region_.Above(institution_), kNow, CertRole::kDeviceTls);
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->device, device_.id);
}

TEST_F(TlsTest, ADeviceWithoutACertificateIsNotTaken) {
  EXPECT_FALSE(RelayTakes({{}, device_.tls.key.Clone()}));
}

TEST_F(TlsTest, Tls12IsNotSpoken) {
  const Bytes& root = region_.root().certificate().der();
  const auto outcome = test::Handshake(Client(device_.tls), Relay(relay_),
                                       {root, root, RelayDnsName(region_.id()), kNow, true});
  EXPECT_FALSE(outcome.client_accepts || outcome.server_accepts);
}

TEST_F(TlsTest, AnotherRegionsDeviceAndRelayAreRefused) {
  test::Region elsewhere(21);
  const Issuer stranger = elsewhere.AddInstitution("架空病院", InstitutionKind::kHospital);
  const auto device = elsewhere.AddDevice(stranger, test::SomeNurse(elsewhere.random()));
  const auto relay = elsewhere.AddRelay(CertRole::kRelayTls);
  EXPECT_FALSE(RelayTakes(Party(device.tls, elsewhere.Above(stranger))));
  EXPECT_FALSE(DeviceTakes(Party(relay, {elsewhere.issuing().certificate()})));
}

TEST_F(TlsTest, TheRelaysNameIsTheRegions) {
  const Bytes& root = region_.root().certificate().der();
  const auto outcome = test::Handshake(
      Client(device_.tls), Relay(relay_),
      {root, root, RelayDnsName(RegionId::Generate(region_.random())), kNow, false});
  EXPECT_FALSE(outcome.client_accepts);
}

TEST_F(TlsTest, CertificatesOfOtherRolesAreRefused) {
  const auto relay_signing = region_.AddRelay(CertRole::kRelaySigning);
  EXPECT_FALSE(RelayTakes(Client(device_.signing)));
  EXPECT_FALSE(RelayTakes(Relay(relay_)));
  EXPECT_FALSE(RelayTakes(Relay(relay_signing)));
  EXPECT_FALSE(DeviceTakes(Relay(relay_signing)));
  EXPECT_FALSE(DeviceTakes(Client(device_.tls)));
  const test::Leaf ca{institution_.certificate(), institution_.key().Clone()};
  EXPECT_FALSE(RelayTakes(Party(ca, {region_.issuing().certificate()})));
}

TEST_F(TlsTest, ExpiredCertificatesAreRefused) {
  const Millis end = device_.tls.certificate.not_after();
  EXPECT_TRUE(Meet(Client(device_.tls), Relay(relay_), end - Seconds(1)).server_accepts);
  EXPECT_FALSE(Meet(Client(device_.tls), Relay(relay_), end).server_accepts);
  EXPECT_FALSE(
      Meet(Client(device_.tls), Relay(relay_), relay_.certificate.not_after()).client_accepts);
  EXPECT_FALSE(
      Meet(Client(device_.tls), Relay(relay_), test::kRegionStart - Seconds(1)).server_accepts);
}

TEST_F(TlsTest, G9_ARevokedDeviceShakesHandsButIsThenRefused) {
  // OpenSSL under gRPC is given no lists, so the relay looks at the chain at every call.
  RevocationSet revoked;
  const auto list = CreateCrl(
      institution_, {{device_.tls.certificate.serial(), kNow, RevocationReason::kKeyCompromise}}, 1,
      kNow, kNow + Days(7));
  ASSERT_TRUE(revoked.Add(*list, institution_.certificate()).ok());
  const auto outcome = Meet(Client(device_.tls), Relay(relay_));
  ASSERT_TRUE(outcome.server_accepts);
  const Certificate leaf = Certificate::Parse(outcome.server_saw).value();
  const auto verify = [&](Millis at) {
    return region_.Verifier().Verify(leaf, region_.Above(institution_), at, CertRole::kDeviceTls,
                                     &revoked);
  };
  EXPECT_TRUE(verify(kNow - Seconds(1)).ok());
  EXPECT_EQ(verify(kNow).error().code(), Code::kAuthFailed);
}

// An institution's administrator signs whatever OpenSSL can express, with the CA's true key.
class TlsForgery : public TlsTest {
 protected:
  using Change = std::function<void(X509*)>;

  // The relay's certificate as `issuer` would forge it, with the chain that belongs to it.
  test::TlsParty ForgedRelay(const Issuer& issuer, const Change& change) {
    const auto by_issuer = [&](X509* x) {
      X509_set_issuer_name(x, BuildName(issuer.certificate().fields().subject).get());
      test::RemoveExtension(x, NID_authority_key_identifier);
      change(x);
    };
    test::TlsParty out{{test::Forge(relay_.certificate, issuer.key(), by_issuer)},
                       relay_.key.Clone()};
    if (issuer.certificate().role() == CertRole::kInstitution) {
      out.chain.push_back(issuer.certificate().der());
    }
    out.chain.push_back(region_.issuing().certificate().der());
    return out;
  }
  // The same change is good in the hands of the region, so it is not the change that is refused.
  void ExpectOnlyTheRegionCan(const Change& change) {
    EXPECT_TRUE(DeviceTakes(ForgedRelay(region_.issuing(), change)));
    EXPECT_FALSE(DeviceTakes(ForgedRelay(institution_, change)));
  }
  static void SetCommonName(X509* x, const std::string& name) {
    X509_NAME* subject = X509_get_subject_name(x);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(subject, at));
    X509_NAME_add_entry_by_NID(subject, NID_commonName, V_ASN1_UTF8STRING,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
  }
};

TEST_F(TlsForgery, AnInstitutionCannotForgeTheRelaysDnsName) {
  ExpectOnlyTheRegionCan([](X509*) {});
  ExpectOnlyTheRegionCan([&](X509* x) {
    test::ReplaceExtension(x, NID_subject_alt_name, "DNS:" + RelayDnsName(region_.id()));
  });
}

// The first chain certificate's verdict without purposes: what is left are the name constraints.
int VerdictWithoutPurpose(const test::TlsParty& party, const Certificate& root) {
  const ErrorQueueScope errors;
  const Owned<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), DecodeX509(root.der())->get());
  const X509Ptr leaf = DecodeX509(party.chain[0]).value();
  STACK_OF(X509)* above = sk_X509_new_null();
  for (std::size_t i = 1; i < party.chain.size(); ++i) {
    sk_X509_push(above, DecodeX509(party.chain[i])->release());
  }
  const Owned<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), above);
  X509_STORE_CTX_set_time(context.get(), 0, kNow.value / 1000);
  X509_verify_cert(context.get());
  const int out = X509_STORE_CTX_get_error(context.get());
  sk_X509_pop_free(above, X509_free);
  return out;
}

TEST_F(TlsForgery, NameConstraintsAloneAlreadyRefuseTheRelaysNames) {
  const Certificate& root = region_.root().certificate();
  const auto verdict = [&](const std::string& names) {
    return VerdictWithoutPurpose(
        ForgedRelay(institution_,
                    [&](X509* x) { test::ReplaceExtension(x, NID_subject_alt_name, names); }),
        root);
  };
  const std::string own =
      "URI:" + FormatUri(UriForm::kInstitution, institution_.certificate().ids());
  EXPECT_EQ(verdict(own), X509_V_OK);
  EXPECT_EQ(verdict("DNS:" + RelayDnsName(region_.id())), X509_V_ERR_EXCLUDED_VIOLATION);
  EXPECT_EQ(verdict("IP:192.0.2.1"), X509_V_ERR_EXCLUDED_VIOLATION);
  EXPECT_EQ(verdict("IP:2001:db8::1"), X509_V_ERR_EXCLUDED_VIOLATION);
  EXPECT_EQ(verdict("email:relay@example.org"), X509_V_ERR_PERMITTED_VIOLATION);
  EXPECT_EQ(verdict("URI:" + FormatUri(UriForm::kRelay, relay_.certificate.ids())),
            X509_V_ERR_PERMITTED_VIOLATION);
  EXPECT_EQ(verdict("URI:" + FormatUri(UriForm::kInstitution, other_.certificate().ids())),
            X509_V_ERR_PERMITTED_VIOLATION);
}

TEST_F(TlsForgery, NorPutItIntoTheCommonName) {
  // Without DNS names in it, TLS libraries look at the common name.
  ExpectOnlyTheRegionCan([&](X509* x) {
    test::RemoveExtension(x, NID_subject_alt_name);
    SetCommonName(x, RelayDnsName(region_.id()));
  });
}

TEST_F(TlsForgery, NorAWildcardWhichNameConstraintsMiss) {
  // OpenSSL does not take "*.…" in a common name for a DNS name when it applies constraints, but
  // does when it compares names. The institution CA's extended use stops it.
  ExpectOnlyTheRegionCan([&](X509* x) {
    test::RemoveExtension(x, NID_subject_alt_name);
    SetCommonName(x, "*." + RelayDnsName(region_.id()).substr(6));
  });
}

TEST_F(TlsForgery, NorByLeavingOutEveryLimit) {
  ExpectOnlyTheRegionCan([&](X509* x) {
    for (const int nid : {NID_ext_key_usage, NID_key_usage, NID_certificate_policies}) {
      test::RemoveExtension(x, nid);
    }
  });
}

TEST_F(TlsForgery, NorThroughACaOfItsOwnBelow) {
  const SigningKey key = SigningKey::Generate(region_.random());
  const Certificate below =
      region_.issuing()
          .IssueInstitution(
              key.public_key(),
              {institution_.certificate().ids().institution, "架空下位局", InstitutionKind::kOther},
              region_.issuing().Clip(CertRole::kInstitution, {test::kRegionStart, kNow + Days(99)}),
              region_.random())
          .value();
  const Bytes sub_ca = test::Forge(below, institution_.key(), [&](X509* x) {
    X509_set_issuer_name(x, BuildName(institution_.certificate().fields().subject).get());
    test::RemoveExtension(x, NID_authority_key_identifier);
    test::RemoveExtension(x, NID_ext_key_usage);
    test::RemoveExtension(x, NID_name_constraints);
  });
  const auto chain = [&](const Bytes& leaf, const SigningKey& leaf_key) {
    return test::TlsParty{
        {leaf, sub_ca, institution_.certificate().der(), region_.issuing().certificate().der()},
        leaf_key.Clone()};
  };
  const auto by_sub_ca = [&](X509* x) {
    X509_set_issuer_name(x, BuildName(below.fields().subject).get());
    test::RemoveExtension(x, NID_authority_key_identifier);
  };
  const Bytes relay = test::Forge(relay_.certificate, key, by_sub_ca);
  const Bytes device = test::Forge(device_.tls.certificate, key, by_sub_ca);
  EXPECT_FALSE(DeviceTakes(chain(relay, relay_.key)));
  EXPECT_FALSE(RelayTakes(chain(device, device_.tls.key)));
}

TEST_F(TlsForgery, AnInstitutionCannotForgeAnothersDevice) {
  const auto victim = region_.AddDevice(other_, test::SomeDoctor(region_.random()));
  const auto forge = [&](const Issuer& signer) {
    const Bytes leaf = test::Forge(victim.tls.certificate, signer.key(), [&](X509* x) {
      X509_set_issuer_name(x, BuildName(signer.certificate().fields().subject).get());
      test::RemoveExtension(x, NID_authority_key_identifier);
    });
    return test::TlsParty{{leaf, signer.certificate().der(), region_.issuing().certificate().der()},
                          victim.tls.key.Clone()};
  };
  EXPECT_TRUE(RelayTakes(forge(other_)));
  EXPECT_FALSE(RelayTakes(forge(institution_)));
}

TEST_F(TlsForgery, ADeviceWithoutANameShakesHandsButIsNoCertificateOfOurs) {
  // Name constraints say nothing about names that are not there; parsing does.
  const Bytes leaf = test::Forge(device_.tls.certificate, institution_.key(),
                                 [](X509* x) { test::RemoveExtension(x, NID_subject_alt_name); });
  test::TlsParty party = Client(device_.tls);
  party.chain[0] = leaf;
  const auto outcome = Meet(party, Relay(relay_));
  EXPECT_TRUE(outcome.server_accepts);
  EXPECT_EQ(Certificate::Parse(outcome.server_saw).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::pki
