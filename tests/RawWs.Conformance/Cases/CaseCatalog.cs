namespace RawWs.Conformance;

/// <summary>All cases, group by group.</summary>
internal static class CaseCatalog
{
    public static IEnumerable<ConformanceCase> All(ConformanceOptions options) =>
    [
        .. HandshakeCases.Create(),
        .. HttpCases.Create(),
        .. FramingCases.Create(),
        .. PingCases.Create(),
        .. ReservedCases.Create(),
        .. FragmentationCases.Create(),
        .. MaskingCases.Create(),
        .. LengthCases.Create(options),
        .. Utf8Cases.Create(),
        .. ClosingCases.Create(),
        .. LimitCases.Create(options),
        .. AutoFragmentationCases.Create(),
        .. DeflateOfferCases.Create(),
        .. DeflateMatrixCases.Agreements(),
        .. DeflateMatrixCases.Sizes(),
        .. DeflateWireCases.Create(),
        .. DeflateBombCases.Create(options),
        .. SlowCases.Create(),
        .. HostileCases.Create(options),
    ];
}
