namespace RawWs.Protocol;

/// <summary>
/// The elements of a list without quotes, from the last of the last field line to the first of the first (RFC 9110 §5.3): each proxy writes to the right of
/// what it was told. Empty elements are elements: what a proxy left empty names nobody.
/// </summary>
internal ref struct ListFromRight(RequestHead head, ReadOnlySpan<byte> name)
{
    private readonly ReadOnlySpan<byte> _name = name;
    private int _field = head.FieldCount;
    private ReadOnlySpan<byte> _rest;
    private bool _hasRest;

    /// <summary>The element, without white space around it.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (!_hasRest)
        {
            _field = head.LastIndexOf(_name, _field);
            if (_field < 0)
                return false;

            _rest = head.ValueOf(_field);
        }

        var comma = _rest.LastIndexOf((byte)',');
        Current = HttpGrammar.Trim(_rest[(comma + 1)..]);
        _hasRest = comma >= 0;
        if (_hasRest)
            _rest = _rest[..comma];

        return true;
    }
}
