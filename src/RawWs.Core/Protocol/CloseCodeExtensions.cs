namespace RawWs.Protocol;

/// <summary>Which close codes may stand in a close frame.</summary>
internal static class CloseCodeExtensions
{
    extension(CloseCode code)
    {
        /// <summary>
        /// Whether an endpoint may send this code (RFC 6455 §7.4). 1005, 1006 and 1015 "MUST NOT be set as a status code in a
        /// Close control frame"; 1004 and 1016–2999 are reserved; below 1000 "are not used"; above 4999 nothing is defined.
        /// </summary>
        public bool IsAllowedOnWire => (int)code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
    }
}
