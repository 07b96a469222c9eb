using System.Text;

namespace RawWs.Protocol;

internal sealed partial class RequestHead
{
    /// <summary>The name of a field, as it was sent.</summary>
    public ReadOnlySpan<byte> NameOf(int index) => _bytes.Span[_fields[index].Name];

    /// <summary>The value of a field, without the white space around it.</summary>
    public ReadOnlySpan<byte> ValueOf(int index) => _bytes.Span[_fields[index].Value];

    /// <summary>The next field of this name, in any case of letters, at or after <paramref name="from"/>; −1 if there is none.</summary>
    public int IndexOf(ReadOnlySpan<byte> name, int from = 0)
    {
        for (var index = from; index < _fieldCount; index++)
        {
            if (Ascii.EqualsIgnoreCase(NameOf(index), name))
                return index;
        }

        return -1;
    }

    /// <summary>The last field of this name, in any case of letters, before <paramref name="before"/>; −1 if there is none.</summary>
    public int LastIndexOf(ReadOnlySpan<byte> name, int before)
    {
        for (var index = before - 1; index >= 0; index--)
        {
            if (Ascii.EqualsIgnoreCase(NameOf(index), name))
                return index;
        }

        return -1;
    }

    /// <summary>How many fields have this name.</summary>
    public int CountOf(ReadOnlySpan<byte> name)
    {
        var count = 0;
        for (var index = IndexOf(name); index >= 0; index = IndexOf(name, index + 1))
            count++;

        return count;
    }

    /// <summary>Whether a list that may be spread over several fields has this element, in any case of letters (RFC 9110 §5.6.1).</summary>
    public bool ListContains(ReadOnlySpan<byte> name, ReadOnlySpan<byte> element)
    {
        for (var index = IndexOf(name); index >= 0; index = IndexOf(name, index + 1))
        {
            var value = ValueOf(index);
            foreach (var range in value.Split((byte)','))
            {
                if (Ascii.EqualsIgnoreCase(HttpGrammar.Trim(value[range]), element))
                    return true;
            }
        }

        return false;
    }
}
