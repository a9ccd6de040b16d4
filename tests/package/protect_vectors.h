/* SPDX-License-Identifier: MIT */
/* Values and packages encrypted with the openssl command, by both schemes in both forms. */
#ifndef SO_TESTS_PACKAGE_PROTECT_VECTORS_H
#define SO_TESTS_PACKAGE_PROTECT_VECTORS_H

#define PASSWORD "s\xC3\xA9same"
#define SSIS_NS "xmlns:SSIS='www.microsoft.com/SqlServer/SSIS'"
#define AES "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
#define TRIPLE_DES "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"

#define VALUE_3DES \
	"<SSIS:Property " SSIS_NS " SSIS:Name='Value' SSIS:Sensitive='1' SSIS:Salt='c2FsdHNhbA==' SSIS:IV='AAECAwQFBgc='>" \
	"yVugemOBYd9tHn/7UHaESKrEloZZ8SZ4ajhCSFoxh1lF+gW/jiNIgRN/HArEYeH+oUPQs54TAY7R1ladg4pmSDB53YE7E0q+6bdMKTGnTcKA" \
	"ORNrwwr7QUm4uuF/acoSsD1A2P8AOlfkXeqb+Hy056RiFwc6BvU9IHNINNyHTSM=</SSIS:Property>"
#define VALUE_AES \
	"<SSIS:Property " SSIS_NS " SSIS:Name='Value' SSIS:Sensitive='1' SSIS:Salt='c2FsdHNhbHQ=' SSIS:IV='AAECAwQFBgcICQoLDA0ODw=='" \
	" SSIS:Algorithm='" AES "'>qZ+RdO/RYDNs8y/IpWMYhhrhE7lP20VEUw6DFlPFuDNW8ZgyXiDVMMM3NTm4n/G75XMP2LSEe6PwwrSqpjh1" \
	"rM6HTlt9NDO9+N5+AEfxStSlXrdsw4Zdqdty1kW9gmx28VPMY8xxXYYNaGMDYSXHjIagAO+HOK3EL7EBYP1RcrU=</SSIS:Property>"
#define ENCRYPTED(algorithm, salt, iv, data) \
	"<EncryptedData Type='http://www.w3.org/2001/04/xmlenc#Element' Salt='" salt "' IV='" iv "' xmlns='http://www.w3.org/2001/04/xmlenc#'>" \
	"<EncryptionMethod Algorithm='" algorithm "'/><CipherData><CipherValue>" data "</CipherValue></CipherData></EncryptedData>"
#define PARAM_AES \
	ENCRYPTED(AES, "c2FsdHNhbHQ=", "AAECAwQFBgcICQoLDA0ODw==", \
	    "AAECAwQFBgcICQoLDA0OD4rVit7EYMDQ4qHHm4IsXvhVGZwdl6Lu2NBZSvGt+bXSeDetHvH+P8HdTMGNnAYl09FrS4gDQu3N08SDbes/b0ci" \
	    "d/SpI/49Q4r4iGuXRl2EuO/CGQogstJVV0v4dJJjjJS9etm6/DLO6OEBGzq1/4vvqWfZwfojdkZUKVnpfxZ/TBPfadv3xDKVga8RWyMk3Q==")
#define WHOLE_3DES \
	ENCRYPTED(TRIPLE_DES, "c2FsdHNhbA==", "AAECAwQFBgc=", \
	    "AAECAwQFBgfEjpX9YSoPQRvifGrjN5vDY1aDEoDgg8AjKmuXScwnqotQ4FkL5tvN6zkOO9wuUeNyLHM7de8B+nPW8vRZeiudhfUXNAPZT+6t9KK" \
	    "ndKVbG4eustkvhfQ49jV746fScrEm8a9zxOKDVQ==")

#endif
