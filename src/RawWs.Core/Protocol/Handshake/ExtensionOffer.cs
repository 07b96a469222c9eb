namespace RawWs.Protocol;

/// <summary>One extension that a client offers (RFC 6455 §9.1).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Its parameters in their order; a value is null if there is none, and without the quotes that it may have had.</param>
internal sealed record ExtensionOffer(string Name, IReadOnlyList<KeyValuePair<string, string?>> Parameters);
